import Pop3Command from "node-pop3";
import { ownConnection } from "../own-connections.ts";
import type { Service } from "../services.ts";
import type { Login } from "./smtp.ts";

/** Runs `work` in a POP3 session over implicit TLS, and quits whatever happens. */
export async function withMaildrop<T>(
  service: Service,
  { user, password }: Login,
  work: (client: Pop3Command) => Promise<T>,
): Promise<T> {
  const client = new Pop3Command({
    user,
    password,
    host: service.host,
    port: service.port,
    tls: true,
    servername: service.serverName,
    timeout: 15_000,
    // The declaration asks for a server's options; the value is handed to tls.connect, which reads `ca`.
    tlsOptions: { ca: service.caCertificate },
  });
  client.on("error", () => {});
  try {
    // It logs in with its first command.
    return await ownConnection(user, () => work(client));
  } finally {
    await client.QUIT().catch(() => {});
  }
}

/** The newest message whose header holds this Message-ID among the last `depth` ones, or nothing. */
async function retrieve(client: Pop3Command, messageId: string, depth = 25): Promise<string | undefined> {
  // One listing, since POP3 numbers do not change within a session (RFC 1939 section 5).
  const listing = await client.UIDL();
  for (const entry of listing.slice(-depth).toReversed()) {
    const number = Number(Array.isArray(entry) ? entry[0] : entry);
    const header = await client.TOP(number, 0);
    if (header.includes(messageId)) return client.RETR(number);
  }
  return undefined;
}

/**
 * The same from a session of its own. When somebody else removes a message meanwhile, as verify itself does in another
 * journey, the session knows a number that no longer exists (RFC 1939 section 8): it starts over.
 */
export async function retrieveFrom(
  service: Service,
  login: Login,
  messageId: string,
): Promise<string | undefined> {
  for (let attempts = 5; ; attempts -= 1) {
    try {
      return await withMaildrop(service, login, (client) => retrieve(client, messageId));
    } catch (error) {
      if (attempts <= 1 || !(error instanceof Error && /expunged/i.test(error.message))) throw error;
    }
  }
}
