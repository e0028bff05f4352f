import { setTimeout as sleep } from "node:timers/promises";
import { ImapFlow } from "imapflow";
import { checkMessageStart } from "../../naming/check-client.ts";
import { ownConnection } from "../own-connections.ts";
import type { Service } from "../services.ts";
import { timeOfTest } from "../test-message.ts";
import type { Login } from "./smtp.ts";

/** A client of the service that is not connected yet. */
export function imapClient(service: Service, { user, password }: Login): ImapFlow {
  return new ImapFlow({
    host: service.host,
    port: service.port,
    secure: service.security === "implicit",
    servername: service.serverName,
    ...(service.security === "starttls" && { doSTARTTLS: true }),
    tls: { ca: service.caCertificate },
    auth: { user, pass: password },
    logger: false,
    connectionTimeout: 8_000,
    greetingTimeout: 8_000,
    socketTimeout: 20_000,
  });
}

/** Runs `work` with INBOX selected, and logs out whatever happens. */
export async function withInbox<T>(
  service: Service,
  login: Login,
  work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const client = imapClient(service, login);
  // imapflow reports a lost connection as an event, and also rejects what waits for it.
  client.on("error", () => {});
  await ownConnection(login.user, () => client.connect());
  try {
    await client.mailboxOpen("INBOX");
    return await work(client);
  } finally {
    await client.logout().catch(() => client.close());
  }
}

/**
 * Waits until a message with this Message-ID is in the selected mailbox.
 *
 * @returns its source as stored, or nothing when it did not come in time.
 */
export async function awaitMessage(
  client: ImapFlow,
  messageId: string,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  const deadline = performance.now() + timeoutMs;
  do {
    await client.noop();
    const [uid] = await find(client, messageId);
    if (uid !== undefined) {
      const message = await client.fetchOne(String(uid), { source: true }, { uid: true });
      if (message !== false && message.source) return message.source;
    }
    await sleep(150);
  } while (performance.now() < deadline);
  return undefined;
}

/** Deletes the message with this Message-ID for good. @returns how many there were. */
export async function removeMessage(client: ImapFlow, messageId: string): Promise<number> {
  const uids = await find(client, messageId);
  if (uids.length > 0) await client.messageDelete(uids, { uid: true });
  return uids.length;
}

/** A run waits for its message for some seconds; another run may be on its way beside it. */
const lateMs = 10 * 60_000;

/** Deletes the test messages that arrived after their run had given up. */
export async function removeLateMessages(client: ImapFlow): Promise<void> {
  const uids = await find(client, `<${checkMessageStart}`);
  if (uids.length === 0) return;
  const late: number[] = [];
  for await (const { uid, envelope } of client.fetch(uids, { envelope: true }, { uid: true })) {
    const time = timeOfTest(envelope?.messageId ?? "");
    if (time !== undefined && time < Date.now() - lateMs) late.push(uid);
  }
  if (late.length > 0) await client.messageDelete(late, { uid: true });
}

async function find(client: ImapFlow, messageId: string): Promise<number[]> {
  return (await client.search({ header: { "message-id": messageId } }, { uid: true })) || [];
}
