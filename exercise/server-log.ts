import { checkClient, checkMessageStart, checkStranger } from "../naming/check-client.ts";

/** What a mail server's log says of clients, from the moment that a step began. */
export interface LogEvent {
  readonly kind: keyof typeof forms;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Whose it is, as far as the line says. */
  readonly user: string;
  readonly queueId: string | undefined;
}

/** A connection to read mail that a check of the domain has made. */
export interface CheckConnection {
  /** Who logs in by it, with or without the domain; empty for one that nobody logs in by. */
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** @default 30 s later, when any check has given up */
  readonly until?: number | undefined;
}

/** A check that is running, or was cut off. */
const LONGEST_CHECK_MS = 30_000;

/** Each form names its user `user`; a line has at most one of them. */
const forms = {
  /** A user has logged in to read mail. */
  login: /(?:pop3|imap)-login: Info: Logged in: user=<(?<user>[^>]+)>/,
  "wrong-password": /(?:pop3|imap)-login: Info: Login aborted: .*\bauth failed\b.*user=<(?<user>[^>]+)>/,
  /** A message of a user who has logged in, at the port for clients. */
  "handed-in": /smtpd\[\d+\]: (?<queueId>\w+): client=.*\bsasl_username=(?<user>\S+)/,
  /** Into a mailbox here, or to another server. */
  delivered: /postfix\/(?:lmtp|smtp)\[\d+\]: (?<queueId>\w+): to=<(?<user>[^>]+)>.*\bstatus=sent\b/,
  /** In the envelope. */
  forgery: /Sender address rejected: not owned by user (?<user>[^;\s]+);/,
  /** In the message's own From. */
  "forged-from": /cleanup\[\d+\]: (?<queueId>\w+): milter-reject: .*\bnot owned by this login\b/,
  /** A client at the port for servers, where nobody logs in. */
  "relay-denied": /postfix\/smtpd\[\d+\]: NOQUEUE: reject: .*Relay access denied; from=<(?<user>[^>]+)>/,
  /** A client that does not trust the authority, or the name: some say so (RFC 8446 section 6.2), others just leave. */
  distrust:
    /-login: Info: Login aborted: .*(?:alert (?:unknown ca|bad certificate|certificate unknown|certificate expired)\b|disconnected during TLS handshake).*\brip=(?<user>[^,\s]+)/,
} as const;

/** How a check of the domain says who it is, in a line on SMTP. */
const checkNames = [checkClient, checkStranger].map((name) => `helo=<${name}>`);
const MESSAGE_ID = /cleanup\[\d+\]: (?<queueId>\w+): message-id=<(?<id>[^>]+)>/;

/**
 * What people's clients have done: not what `verify` has, which `up` runs as well.
 *
 * @param text - with the engine's time before each line, as `docker logs --timestamps` prints.
 * @param checks - by IMAP and POP3 a check does not say who it is.
 */
export function parseServerLog(text: string, checks: readonly CheckConnection[] = []): LogEvent[] {
  const ofChecks = new Set(text.split("\n").flatMap(queueIdOfCheck));
  return text.split("\n").flatMap((line) => {
    const time = Date.parse(line.slice(0, line.indexOf(" ")));
    if (Number.isNaN(time)) return [];
    for (const [kind, form] of Object.entries(forms) as [LogEvent["kind"], RegExp][]) {
      const groups = form.exec(line)?.groups;
      if (groups === undefined) continue;
      const { user = "", queueId } = groups;
      const isCheck =
        checkNames.some((name) => line.includes(name)) ||
        ofChecks.has(queueId ?? "") ||
        isCheckAt(sessionStart(line, time), kind === "distrust" ? "" : user, checks);
      return isCheck ? [] : [{ kind, time, user, queueId }];
    }
    return [];
  });
}

function queueIdOfCheck(line: string): string[] {
  const { queueId = "", id = "" } = MESSAGE_ID.exec(line)?.groups ?? {};
  return id.startsWith(checkMessageStart) ? [queueId] : [];
}

/** A student who connects at the very moment of a check, as the same user, is not seen, and fetches mail once more. */
function isCheckAt(start: number | undefined, user: string, checks: readonly CheckConnection[]): boolean {
  if (start === undefined) return false;
  const [localPart] = user.split("@");
  return checks.some(
    ({ user: own, from, until = from + LONGEST_CHECK_MS }) =>
      (own === user || own === localPart) && from <= start && start <= until,
  );
}

/**
 * When a session of Dovecot's began, as its name says: 48 bits of microseconds, the lowest byte first. The line is written
 * only when the login is over.
 *
 * @param logged - when the line was written, which has the bits above
 */
function sessionStart(line: string, logged: number): number | undefined {
  const session = /\bsession=<(?<name>[\w+/]{8,})>/.exec(line)?.groups?.name;
  if (session === undefined) return undefined;
  const low = Buffer.from(session, "base64").readUIntLE(0, 6);
  const range = 2 ** 48;
  const age = (((logged * 1000 - low) % range) + range) % range;
  return logged - age / 1000;
}
