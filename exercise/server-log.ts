/** What a mail server's log says of clients, from the moment that a step began. */
export interface LogEvent {
  readonly kind: keyof typeof forms;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Whose it is, as far as the line says. */
  readonly user: string;
  readonly queueId: string | undefined;
}

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

/** @param text - with the engine's time before each line, as `docker logs --timestamps` prints. */
export function parseServerLog(text: string): LogEvent[] {
  return text.split("\n").flatMap((line) => {
    const time = Date.parse(line.slice(0, line.indexOf(" ")));
    if (Number.isNaN(time)) return [];
    for (const [kind, form] of Object.entries(forms) as [LogEvent["kind"], RegExp][]) {
      const groups = form.exec(line)?.groups;
      if (groups !== undefined) return [{ kind, time, user: groups.user ?? "", queueId: groups.queueId }];
    }
    return [];
  });
}
