/** The load that a mail server is measured by, whoever made it: what its clients see. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { time } from "./figure.ts";

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A server, and one user of it who writes to itself. */
export interface MailTarget {
  /** With TLS from the start. */
  readonly submission: Place;
  readonly imap: Place;
  readonly user: string;
  readonly password: string;
  readonly tls: { readonly ca?: string; readonly servername?: string; readonly rejectUnauthorized?: boolean };
}

/** What one flow of messages came to. */
export interface Flow {
  readonly sessions: number;
  readonly messages: number;
  /** Per second. */
  readonly accepted: number;
  /** Per second, until all stood in the mailbox. */
  readonly delivered: number;
  /** From the start of a message to its 250, in milliseconds. */
  readonly median: number;
  readonly p99: number;
}

const line = `${"x".repeat(70)}\r\n`;
/** 4 kB, as in every measurement. */
const body = line.repeat(57);
const longestWait = 180_000;

/** Sends messages through sessions that stay open, and waits until they stand in the mailbox. */
export async function sendMessages(target: MailTarget, sessions: number, messages: number): Promise<Flow> {
  const { submission, user, password, tls } = target;
  const transports = Array.from({ length: sessions }, () =>
    createTransport({
      pool: true,
      maxConnections: 1,
      maxMessages: Number.POSITIVE_INFINITY,
      host: submission.host,
      port: submission.port,
      secure: true,
      tls,
      auth: { user, pass: password },
    }),
  );
  const send = (transport: (typeof transports)[number]) =>
    transport.sendMail({ from: user, to: user, subject: randomUUID(), text: body });
  const reader = await logIn(target);
  try {
    const empty = await messagesIn(reader);
    // The first message of each logs in, which is measured by itself.
    await Promise.all(transports.map(send));
    await arrived(reader, empty + sessions);
    const waits: number[] = [];
    let left = messages;
    const start = performance.now();
    await Promise.all(
      transports.map(async (transport) => {
        while (left-- > 0) waits.push(await time(() => send(transport)));
      }),
    );
    const accepted = (messages * 1000) / (performance.now() - start);
    await arrived(reader, empty + sessions + messages);
    const delivered = (messages * 1000) / (performance.now() - start);
    const sorted = waits.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    return { sessions, messages, accepted, delivered, median: at(0.5), p99: at(0.99) };
  } finally {
    for (const transport of transports) transport.close();
    await reader.logout();
  }
}

/** Logins by IMAP, each with a connection of its own, per second. */
export async function loginsPerSecond(target: MailTarget, atOnce: number, logins: number): Promise<number> {
  let left = logins;
  const one = async () => {
    while (left-- > 0) await (await logIn(target)).logout();
  };
  const took = await time(() => Promise.all(Array.from({ length: atOnce }, one)));
  return (logins * 1000) / took;
}

/** Removes what the load has put into the mailbox, so that the next one finds it as this one did. */
export async function emptyMailbox(target: MailTarget): Promise<void> {
  const client = await logIn(target);
  for (const folder of await foldersOf(client)) {
    const lock = await client.getMailboxLock(folder);
    await client.messageDelete("1:*").finally(() => lock.release());
  }
  await client.logout();
}

async function logIn({ imap, user, password, tls }: MailTarget): Promise<ImapFlow> {
  const client = new ImapFlow({ ...imap, secure: true, tls, auth: { user, pass: password }, logger: false });
  await client.connect();
  return client;
}

/** Where a message may have been put: some servers take ours for unwanted. */
async function foldersOf(client: ImapFlow): Promise<string[]> {
  return (await client.list()).map(({ path }) => path).filter((path) => /^(?:INBOX|Junk)$/i.test(path));
}

async function messagesIn(client: ImapFlow): Promise<number> {
  let count = 0;
  for (const folder of await foldersOf(client)) {
    const status = await client.status(folder, { messages: true });
    if (status) count += status.messages ?? 0;
  }
  return count;
}

async function arrived(client: ImapFlow, count: number): Promise<void> {
  const end = performance.now() + longestWait;
  for (let found = await messagesIn(client); found < count; found = await messagesIn(client)) {
    if (performance.now() > end)
      throw new Error(`${count - found} messages have not arrived after three minutes.`);
    await sleep(100);
  }
}
