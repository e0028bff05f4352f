/** A stack's mail domains. */
import { MailDomain, type MailDomainArgs } from "../../components/index.ts";
import { mostEntries } from "../../naming/large-map.ts";
import type { StackSettings } from "../schema/config.ts";
import type { AccountRecords } from "./acme.ts";
import { stagedDomainArgs } from "./stages.ts";

/**
 * @param sieveFiles - the texts of the Sieve files that the settings name, by their name there.
 * @param account - what records say of the stack's own account, where there is one.
 * @param awaited - the domains whose MTA-STS policy is served, and not announced yet.
 */
export function declareDomains(
  settings: StackSettings,
  sieveFiles: ReadonlyMap<string, string>,
  account: AccountRecords | undefined,
  awaited: ReadonlySet<string>,
): MailDomain[] {
  const mailboxesInOneTable = countMailboxes(settings) > mostEntries;
  return stagedDomainArgs(settings, sieveFiles).map(
    (args) =>
      new MailDomain(args.domain, {
        ...args,
        web: awaited.has(args.domain) ? withoutAnnouncement(args.web) : args.web,
        certificates: args.certificates && ofAccount(args.certificates, account),
        mailboxesInOneTable,
      }),
  );
}

/** Which records there are is known from the settings. */
function ofAccount(
  { ordered, proofs, ...certificates }: PlainCertificates,
  account: AccountRecords | undefined,
): MailDomainArgs["certificates"] {
  return {
    ...certificates,
    ...(ordered === undefined ? {} : { ordered: account?.caa }),
    ...(proofs === undefined ? {} : { proofs: { ...proofs, content: account?.proof ?? proofs.content } }),
  };
}

type PlainCertificates = NonNullable<ReturnType<typeof stagedDomainArgs>[number]["certificates"]>;

function withoutAnnouncement(web: MailDomainArgs["web"]): MailDomainArgs["web"] {
  return web?.mtaSts && { ...web, mtaSts: { ...web.mtaSts, announced: false } };
}

/** Of all domains: a hundred of fifty each are as slow to preview as one of five thousand. */
function countMailboxes({ domains }: StackSettings): number {
  return domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
}
