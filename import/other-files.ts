/** What else is in docker-mailserver's folder: reported, so that nobody misses it after the move. */
import { isKeyFile } from "./rspamd-keys.ts";
import { linesOf, type Report, type SourceFolder } from "./source.ts";

/** Read elsewhere, or made from what is. */
const read = [
  /^postfix-accounts\.cf$/,
  /^postfix-virtual\.cf$/,
  /^dovecot-quotas\.cf$/,
  /^opendkim\/(?:keys\/[^/]+\/[^/]+\.(?:private|txt)|KeyTable|SigningTable|TrustedHosts)$/,
  /^rspamd\/dkim\/.*\.public(?:\.dns)?(?:\.txt)?$/,
  /^rspamd\/override\.d\/dkim_signing\.conf$/,
];

/** Reported line by line, since each is a rule that somebody relies on. */
const rules: Readonly<Record<string, string>> = {
  "postfix-regexp.cf": "is an alias by pattern: declare the addresses that it is for",
  "postfix-aliases.cf": "is an alias of the container's own users, which do not exist here",
  "postfix-send-access.cf": "restricts who may send",
  "postfix-receive-access.cf": "restricts who receives",
  "postfix-relaymap.cf": "sends mail through another server",
  "postfix-sasl-password.cf": "is a login to another server",
  "dovecot-masters.cf": "is a master user, who may read all mail: not supported",
};

const files: readonly (readonly [RegExp, string])[] = [
  [/^(?:postfix-(?:main|master)\.cf|dovecot\.cf)$/, "changes the server's own configuration"],
  [/\.dovecot\.sieve$/, "is a Sieve script"],
  [/^(?:user-patches\.sh|.*\.lua)$/, "is a program of its own"],
  [/^(?:fetchmail|getmail)/, "fetches mail from other servers"],
  [/^ldap-|^dovecot-oauth2/, "reads users from elsewhere: declare them"],
  [/^(?:fail2ban|spamassassin|amavis|clamav|rspamd\/)/, "configures a filter"],
  [/^(?:ssl|letsencrypt)\//, "is a certificate or its key: a new one is made"],
  [/^whitelist_clients\.local$/, "exempts clients from greylisting, which does not exist here"],
];

export function reportOtherFiles(folder: SourceFolder, report: Report): void {
  for (const [file, text] of folder) {
    if (read.some((pattern) => pattern.test(file)) || isKeyFile(file, text)) continue;
    const rule = rules[file];
    if (rule !== undefined) {
      for (const { place } of linesOf(file, folder)) report(place, rule);
      continue;
    }
    report(
      file,
      files.find(([pattern]) => pattern.test(file))?.[1] ?? "is a file that the importer does not know",
    );
  }
}
