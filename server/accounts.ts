import { domainPart, localPart, requireAddress } from "./address.ts";
import { type ConfigurationFile, compareText } from "./configuration-file.ts";
import { MAILBOX_ROOT } from "./container-paths.ts";
import type { MailServerDescription } from "./description.ts";

const HASH = /^\{[A-Z0-9.-]+\}[!-9;-~]+$/;

/**
 * Dovecot's passwd-file. SECRET: it carries the password hashes.
 *
 * @param hashes one for each mailbox address, with its scheme: `{ARGON2ID}$argon2id$v=19$…`.
 * @throws RangeError if a mailbox has no hash, or one that would break the file's fields.
 */
export function renderAccounts(
  description: MailServerDescription,
  hashes: Readonly<Record<string, string>>,
): ConfigurationFile {
  const lines = description.domains.flatMap(({ name, mailboxes }) =>
    mailboxes.map(({ address, quotaBytes }) => {
      requireAddress(address, name);
      const hash = Object.hasOwn(hashes, address) ? hashes[address] : undefined;
      if (hash === undefined) throw new RangeError(`mailbox ${address} has no password hash`);
      if (!HASH.test(hash)) {
        throw new RangeError(`the password hash of ${address} must look like {SCHEME}hash, without a colon`);
      }
      return `${address}:${hash}::::${home(address)}::userdb_quota_storage_size=${quotaBytes}B\n`;
    }),
  );
  return { path: "dovecot/passwd", content: lines.sort(compareText).join("") };
}

function home(address: string): string {
  return `${MAILBOX_ROOT}/${domainPart(address)}/${localPart(address)}`;
}
