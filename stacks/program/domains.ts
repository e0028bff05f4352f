/** A stack's mail domains. */
import type * as pulumi from "@pulumi/pulumi";
import { MailDomain, type MailDomainArgs } from "../../components/index.ts";
import { mostEntries } from "../../naming/large-map.ts";
import type { StackSettings } from "../schema/config.ts";
import { stagedDomainArgs } from "./stages.ts";

/**
 * @param sieveFiles - the texts of the Sieve files that the settings name, by their name there.
 * @param caa - the record that allows the stack's own account, where there is one.
 * @param awaited - the domains whose MTA-STS policy is served, and not announced yet.
 */
export function declareDomains(
  settings: StackSettings,
  sieveFiles: ReadonlyMap<string, string>,
  caa: pulumi.Output<string> | undefined,
  awaited: ReadonlySet<string>,
): MailDomain[] {
  const mailboxesInOneTable = countMailboxes(settings) > mostEntries;
  return stagedDomainArgs(settings, sieveFiles).map(
    (args) =>
      new MailDomain(args.domain, {
        ...args,
        web: awaited.has(args.domain) ? withoutAnnouncement(args.web) : args.web,
        certificates: args.certificates && {
          ...args.certificates,
          ...(args.certificates.ordered === undefined ? {} : { ordered: caa }),
        },
        mailboxesInOneTable,
      }),
  );
}

function withoutAnnouncement(web: MailDomainArgs["web"]): MailDomainArgs["web"] {
  return web?.mtaSts && { ...web, mtaSts: { ...web.mtaSts, announced: false } };
}

/** Of all domains: a hundred of fifty each are as slow to preview as one of five thousand. */
function countMailboxes({ domains }: StackSettings): number {
  return domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
}
