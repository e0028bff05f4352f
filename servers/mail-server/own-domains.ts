import { domainToUnicode } from "node:url";
import { compareText } from "../generation/configuration-file.ts";
import type { MailServerDescription } from "./description.ts";

/**
 * The names that nobody else may claim, each in its two spellings: A-labels, and what people read. The server's own
 * name is one of them, whether or not it has mailboxes.
 */
export function renderOwnDomains({
  hostName,
  domains,
}: Pick<MailServerDescription, "hostName" | "domains">): string {
  const names = new Set([hostName, ...domains.map(({ name }) => name)]);
  return [...names]
    .toSorted(compareText)
    .map((name) => `${[...new Set([name, domainToUnicode(name).normalize("NFKC")])].join(" ")}\n`)
    .join("");
}
