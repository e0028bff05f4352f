/** A stack's mail domains. */
import { MailDomain } from "../../components/index.ts";
import { mostMailboxResources } from "../../components/mailbox.ts";
import type { StackSettings } from "../schema/config.ts";
import { stagedDomainArgs } from "./stages.ts";

/** @param sieveFiles - the texts of the Sieve files that the settings name, by their name there. */
export function declareDomains(
  settings: StackSettings,
  sieveFiles: ReadonlyMap<string, string>,
): MailDomain[] {
  const mailboxesInOneTable = countMailboxes(settings) > mostMailboxResources;
  return stagedDomainArgs(settings, sieveFiles).map(
    (args) => new MailDomain(args.domain, { ...args, mailboxesInOneTable }),
  );
}

/** Of all domains: a hundred of fifty each are as slow to preview as one of five thousand. */
function countMailboxes({ domains }: StackSettings): number {
  return domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
}
