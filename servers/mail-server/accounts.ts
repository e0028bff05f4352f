import { shortNameForm } from "../../records/index.ts";
import {
  byPath,
  type ConfigurationFile,
  compareText,
  type SealedFile,
  tableText,
} from "../generation/configuration-file.ts";
import { MAILBOX_ROOT } from "../generation/container-paths.ts";
import { domainPart, localPart, requireAddress } from "./address.ts";
import { soleMailboxes } from "./address-tables.ts";
import {
  type AppPassword,
  appPasswordKey,
  type HostedMailbox,
  type LoginProtocol,
  loginProtocols,
  type MailServerDescription,
  MOST_APP_PASSWORDS,
} from "./description.ts";

const HASH = /^\{[A-Z0-9.-]+\}[!-9;-~]+$/;

/** What Dovecot calls each protocol; Postfix asks it as `smtp`. */
const serviceNames: Readonly<Record<LoginProtocol, string>> = {
  imap: "imap",
  pop3: "pop3",
  submission: "smtp",
  sieve: "sieve",
};

/**
 * The password hash of each mailbox address and each app password, with its scheme: `{ARGON2ID}$argon2id$v=19$…`.
 */
export type PasswordHashes = Readonly<Record<string, string>>;

/**
 * Who may log in with which password: Dovecot's passwd-file, and the app passwords.
 *
 * Rendering throws a RangeError if a mailbox has no hash, or one that would break the file's fields.
 */
export function accountFiles(description: MailServerDescription): SealedFile<PasswordHashes>[] {
  const mailboxes = mailboxesOf(description);
  return [
    {
      path: "dovecot/app-passwords",
      // The tables that Dovecot reads are made of it by root.
      owner: "root",
      mode: 0o600,
      render: (hashes) => tableText(sortedLines(appPasswordLines(mailboxes, hashes))),
    },
    {
      path: "dovecot/passwd",
      owner: "root:dovecot",
      mode: 0o640,
      render: (hashes) => sortedLines(passwordLines(mailboxes, hashes)),
    },
  ];
}

function passwordLines(mailboxes: readonly HostedMailbox[], hashes: PasswordHashes): string[] {
  return mailboxes.map(
    (mailbox) => `${mailbox.address}:${hashOf(hashes, mailbox.address)}::::::${quotaField(mailbox)}`,
  );
}

function appPasswordLines(mailboxes: readonly HostedMailbox[], hashes: PasswordHashes): string[] {
  return mailboxes.flatMap(({ address, appPasswords = [] }) =>
    checkApps(address, appPasswords).map(
      ({ name, expires }) =>
        `${address}:${name}:${endOf(expires)}:${hashOf(hashes, appPasswordKey(address, name))}`,
    ),
  );
}

/**
 * What Dovecot knows of users beside their passwords: a list for each protocol of those who may not use it, and
 * the aliases that are one mailbox's alone, so that senders to its alias learn of a full mailbox as well.
 */
export function renderUsers(description: MailServerDescription): ConfigurationFile[] {
  const mailboxes = mailboxesOf(description);
  const refused = loginProtocols.map((protocol) => ({
    path: `dovecot/refused-${serviceNames[protocol]}`,
    content: lines(
      mailboxes.filter((mailbox) => !mayUse(mailbox, protocol)).map(({ address }) => `${address}:`),
    ),
  }));
  const suspended = mailboxes.filter(({ protocols }) => protocols?.length === 0);
  const byAddress = new Map(mailboxes.map((mailbox) => [mailbox.address, mailbox]));
  const aliases = [...soleMailboxes(description.domains)].flatMap(([alias, address]) => {
    const mailbox = byAddress.get(address);
    if (mailbox === undefined) return [];
    // A mailbox itself is where mail_home says.
    const home = `${MAILBOX_ROOT}/${domainPart(address)}/${localPart(address)}`;
    return [`${alias}:::::${home}::${quotaField(mailbox)}`];
  });
  return byPath([
    ...refused,
    { path: "dovecot/refused-password", content: lines(suspended.map(({ address }) => `${address}:`)) },
    { path: "dovecot/aliases", content: lines(aliases) },
    ...mailboxes.flatMap(({ address, sieve }) =>
      sieve === undefined ? [] : [{ path: `dovecot/sieve/users/${address}.sieve`, content: sieve }],
    ),
  ]);
}

/** @internal */
export function mayUse({ protocols = loginProtocols }: HostedMailbox, protocol: LoginProtocol): boolean {
  return protocols.includes(protocol);
}

function mailboxesOf({ domains }: MailServerDescription): HostedMailbox[] {
  return domains.flatMap(({ name, mailboxes }) =>
    mailboxes.map((mailbox) => ({ ...mailbox, address: requireAddress(mailbox.address, name) })),
  );
}

function hashOf(hashes: PasswordHashes, key: string): string {
  const hash = Object.hasOwn(hashes, key) ? hashes[key] : undefined;
  if (hash === undefined) throw new RangeError(`mailbox ${key} has no password hash`);
  if (!HASH.test(hash)) {
    throw new RangeError(`the password hash of ${key} must look like {SCHEME}hash, without a colon`);
  }
  return hash;
}

function checkApps(address: string, apps: readonly AppPassword[]): readonly AppPassword[] {
  if (apps.length > MOST_APP_PASSWORDS) {
    throw new RangeError(`${address} has ${apps.length} app passwords: ${MOST_APP_PASSWORDS} is the most`);
  }
  for (const { name } of apps) {
    if (!shortNameForm.test(name))
      throw new RangeError(`"${name}" cannot name an app password of ${address}`);
  }
  return apps;
}

/** In seconds since 1970: the first moment at which the password is no longer good; 0 for never. */
function endOf(expires: string | undefined): number {
  if (expires === undefined) return 0;
  const start = Date.parse(`${expires}T00:00:00Z`);
  if (Number.isNaN(start)) throw new RangeError(`"${expires}" is not a valid day: use one like 2027-01-31`);
  return start / 1000 + 86_400;
}

function quotaField({ quotaBytes }: HostedMailbox): string {
  return `userdb_quota_storage_size=${quotaBytes}B`;
}

function lines(texts: readonly string[]): string {
  return tableText(sortedLines(texts));
}

function sortedLines(texts: readonly string[]): string {
  return texts
    .toSorted(compareText)
    .map((text) => `${text}\n`)
    .join("");
}
