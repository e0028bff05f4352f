/** A stack's mail domains. */
import type * as pulumi from "@pulumi/pulumi";
import { MailDomain } from "../../components/index.ts";
import { mostEntries } from "../../naming/large-map.ts";
import type { StackSettings } from "../schema/config.ts";
import { stagedDomainArgs } from "./stages.ts";

/**
 * @param sieveFiles - the texts of the Sieve files that the settings name, by their name there.
 * @param caa - the record that allows the stack's own account, where there is one.
 */
export function declareDomains(
  settings: StackSettings,
  sieveFiles: ReadonlyMap<string, string>,
  caa: pulumi.Output<string> | undefined,
): MailDomain[] {
  const mailboxesInOneTable = countMailboxes(settings) > mostEntries;
  return stagedDomainArgs(settings, sieveFiles).map(
    (args) =>
      new MailDomain(args.domain, {
        ...args,
        certificates: args.certificates && {
          ...args.certificates,
          ...(args.certificates.ordered === undefined ? {} : { ordered: caa }),
        },
        mailboxesInOneTable,
      }),
  );
}

/** Of all domains: a hundred of fifty each are as slow to preview as one of five thousand. */
function countMailboxes({ domains }: StackSettings): number {
  return domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
}
