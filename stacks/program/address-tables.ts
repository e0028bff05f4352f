/** Where mail for the domains of a stack is delivered, as its mail servers' Postfix reads it. */
import { Mailbox } from "../../components/mailbox.ts";
import { renderTables } from "../../servers/mail-server/address-tables.ts";
import { hostedAliases } from "../../servers/mail-server/hosted-aliases.ts";
import type { StackSettings } from "../schema/config.ts";
import { domainArgs } from "./domain-args.ts";

/** The sources of Postfix's tables, by their names. @example "aliases" */
export function addressTables(settings: StackSettings): ReadonlyMap<string, string> {
  const domains = domainArgs(settings).map((args) => {
    const mailboxes = args.mailboxes.map((mailbox) => new Mailbox(mailbox));
    return {
      name: args.domain,
      mailboxes: mailboxes.map(({ hosted }) => hosted),
      aliases: hostedAliases({ ...args, mailboxes }),
      dkimSelectors: [],
    };
  });
  const files = renderTables(domains);
  return new Map(files.map(({ path, content }) => [path.replace(/^.*\//, ""), content]));
}
