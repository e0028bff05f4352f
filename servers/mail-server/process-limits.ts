import { defaultLimits } from "../container-limits.ts";

const mebibyte = 2 ** 20;

/** Of everything else, where each service has as many processes as it may: half of it is Postfix's. */
const othersMebibytes = 3200;
/** An IMAP session in a folder of ordinary size, with what the kernel and a login process hold for it. */
const sessionMebibytes = 2.1;
const fewestSessions = 64;

/**
 * How many processes a service has at most. Each waits for one connection at a time, except for login processes, which
 * have a thousand each. At their limits they stay under the container's memory together, so that what reaches it is one
 * that has grown, which is then the one that the kernel ends.
 */
export const processLimits = {
  /** Postfix's, of each service that does not say anything else: two addresses may take all of them. */
  postfix: 100,
  /** Of messages on their way into mailboxes, in Postfix and in Dovecot alike. */
  lmtp: 40,
  /** Of what users' rules send. Their deliveries wait for it, and there are no more than of these. */
  injection: 20,
  pop3: 64,
  manageSieve: 20,
  /** One for each process of Postfix that asks; more of them wait for their turn. */
  quotaStatus: 100,
  pop3Login: 2,
  manageSieveLogin: 2,
  authWorker: 30,
  /** Of all others of Dovecot's, which are few. */
  dovecot: 20,
} as const;

/** IMAP sessions that are logged in. More memory is for more of them. */
export function imapSessions(memoryBytes: number = defaultLimits.mailServer.memoryBytes): number {
  const left = memoryBytes / mebibyte - othersMebibytes;
  return Math.max(fewestSessions, Math.floor(left / sessionMebibytes));
}

/** Sessions stay with the login process that has begun them; there is a thousand more for those who have yet to log in. */
export function imapLoginProcesses(sessions: number): number {
  return Math.ceil(sessions / 1000) + 1;
}
