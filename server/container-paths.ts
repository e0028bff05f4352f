/** Where the image shows the generation in force; every rendered file names the others through it. */
export const GENERATION = "/run/maildomain/current";

/** Compiled Postfix tables: updated in place, because a running Postfix keeps them open. */
export const TABLES = "/run/maildomain/tables";

/** Sockets between the daemons. They lie outside of the queue's volume, so that none survives a restart. */
export const SOCKETS = {
  lmtp: "/run/dovecot/postfix-lmtp",
  auth: "/run/dovecot/postfix-auth",
  quota: "/run/dovecot/postfix-quota",
  milter: "/run/rspamd/milter.sock",
} as const;

export const TLS_PAIR = `${GENERATION}/tls/pair.pem`;
export const DKIM_KEYS = `${GENERATION}/rspamd/dkim`;
export const FROM_OWNER = `${GENERATION}/rspamd/from_owner.lua`;
export const SENDERS = `${GENERATION}/postfix/tables/senders`;
export const MAILBOX_ROOT = "/var/mail/v";
