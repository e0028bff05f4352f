import { type AuthenticateResult, authenticate } from "mailauth";
import { ask, mailauthResolver, type NameResolver } from "./probes/dns.ts";
import { awaitMessage, removeLateMessages, removeMessage, withInbox } from "./probes/imap.ts";
import { retrieveFrom } from "./probes/pop3.ts";
import { type Refusal, SmtpSession } from "./probes/smtp.ts";
import type { Service } from "./services.ts";
import { testMessage } from "./test-message.ts";

/** One user of the domain with a password that is known. */
export interface Correspondent {
  readonly address: string;
  readonly password: string;
}

export interface Route {
  readonly submission: Service;
  readonly imaps: Service;
  readonly pop3s?: Service | undefined;
  readonly from: Correspondent;
  readonly to: Correspondent;
  /** The server's host name, for which receivers look up where mail comes from. */
  readonly hostName: string;
  readonly resolver: NameResolver;
}

/** What became of one test message on its way. Where it stopped, the rest is missing. */
export interface Journey {
  readonly refusal?: Refusal;
  readonly arrived: boolean;
  readonly milliseconds: number;
  /** The same message read by POP3. */
  readonly byPop3: boolean;
  /** DKIM, SPF and DMARC as a receiver sees them. */
  readonly authentication?: AuthenticateResult;
  /** How many copies were deleted in the end; 1 unless something is wrong. */
  readonly removed: number;
}

/** How long a test message may take. */
export const deliveryTimeoutMs = 12_000;

/** Submits a test message as one user to another, reads it by IMAP and by POP3, and deletes it. */
export async function travel(route: Route): Promise<Journey> {
  const { from, to, submission } = route;
  const message = testMessage({ from: from.address, to: to.address });
  const start = performance.now();
  const stopped = { arrived: false, byPop3: false, removed: 0, milliseconds: 0 };

  using session = await SmtpSession.open(submission);
  const refusal =
    (await session.login({ user: from.address, password: from.password })) ??
    (await session.send(from.address, to.address, message.text));
  if (refusal !== undefined) return { ...stopped, refusal };

  const login = { user: to.address, password: to.password };
  return withInbox(route.imaps, login, async (client) => {
    try {
      await removeLateMessages(client);
      const source = await awaitMessage(client, message.id, deliveryTimeoutMs);
      const milliseconds = performance.now() - start;
      if (source === undefined) return { ...stopped, milliseconds };
      const [byPop3, authentication] = await Promise.all([
        route.pop3s && retrieveFrom(route.pop3s, login, message.id),
        judge(source, route),
      ]);
      const removed = await removeMessage(client, message.id);
      return { arrived: true, milliseconds, byPop3: byPop3 !== undefined, authentication, removed };
    } finally {
      // Also when reading it failed: the test message must not stay in somebody's inbox.
      await removeMessage(client, message.id);
    }
  });
}

async function judge(source: Buffer, { from, hostName, resolver }: Route): Promise<AuthenticateResult> {
  const [ip] = (await ask(resolver, hostName, "A")) ?? [];
  return authenticate(source, {
    ...(ip !== undefined && { ip }),
    helo: hostName,
    mta: hostName,
    sender: from.address,
    resolver: mailauthResolver(resolver),
    disableArc: true,
    disableBimi: true,
  });
}
