/** Where a server's image expects its configuration volume. */
export const CONFIGURATION = "/configuration";

/** The name of the generation there. */
export const ARRIVING_GENERATION = "generation";

/** Where the image shows the generation in force; every rendered file names the others through it. */
export const GENERATION = "/run/maildomain/current";

/** Where the image has the filter's rules of our own: `images/mail-server/rspamd/`. */
export const FILTER_RULES = "/usr/lib/maildomain/rspamd";

/** Compiled Postfix tables: updated in place, because a running Postfix keeps them open. */
export const TABLES = "/run/maildomain/tables";

/** What users log in with: the declared passwords, or those that they have chosen since. */
export const ACCOUNTS = "/run/maildomain/accounts";

/** Rules in force, compiled in place: a compiled script is good for its own place only. */
export const SIEVE = "/run/maildomain/sieve";

/** Where Dovecot gives up what a user's rules send. Loopback only, no port of the container's. */
export const INJECTION_PORT = 10_025;

/** What the milter is shown as the name of the service behind that port. */
export const INJECTION_NAME = "INJECTION";

/** Where webmail changes a user's password, in the words of poppassd over TLS. Never published. */
export const PASSWORD_PORT = 106;

/** Where Dovecot asks whether an attempt to log in is one too many. Loopback only, no port of the container's. */
export const LOGIN_LIMITS_PORT = 9101;

/** Sockets between the daemons. They are outside the queue's volume, so that none survives a restart. */
export const SOCKETS = {
  lmtp: "/run/dovecot/postfix-lmtp",
  auth: "/run/dovecot/postfix-auth",
  /** Where Postfix asks what Dovecot answers at `auth`. */
  submissions: "/run/submissions/auth",
  /** Where smtp-front, which has the ports of SMTP, says that it is there. */
  front: "/run/submissions/front",
  /** Where Postfix asks whether a mailbox has room, and then, where the answer is not a plain yes, Dovecot. */
  room: "/run/room/question",
  quota: "/run/dovecot/postfix-quota",
  /** Where Postfix hands messages to the message gate, which hands them to Rspamd's proxy, and that to a scanning process. */
  gate: "/run/rspamd/gate.sock",
  milter: "/run/rspamd/milter.sock",
  scanners: "/run/rspamd/scanners.sock",
  password: "/run/password/change",
} as const;

/** The pairs in service where a server has several, or where renewed chains reach it: the generation's keys, and the newest good chain of each. */
export const PAIRS = "/run/maildomain/pairs";

/** Made of the pairs and their names, for Postfix: compiled in place like {@link TABLES}. */
export const SNI_TABLE = `${PAIRS}/sni`;

/** The volume in which renewed chains arrive, read-only; the pair NAME has its own in `NAME/chain.pem`. */
export const CERTIFICATES = "/var/lib/certificates";

/** Where a generation has the server's key and certificate. */
export const TLS_PAIR_PATH = "tls/pair.pem";
export const TLS_PAIR = `${GENERATION}/${TLS_PAIR_PATH}`;
export const DKIM_KEYS = `${GENERATION}/rspamd/dkim`;
export const MAILBOX_ROOT = "/var/mail/v";
