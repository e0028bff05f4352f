import { requireAddress, requireDomain, requireTarget } from "./address.ts";
import { type ConfigurationFile, compareText } from "./configuration-file.ts";
import type { HostedDomain } from "./description.ts";

/** A lookup table of Postfix: key to one or more values. */
export type AddressTable = ReadonlyMap<string, readonly string[]>;

/** The domains that mail is taken for. */
export function domainTable(domains: readonly HostedDomain[]): AddressTable {
  return new Map(domains.map(({ name }) => [requireDomain(name), [name]]));
}

/** The addresses that have a mailbox of their own. */
export function mailboxTable(domains: readonly HostedDomain[]): AddressTable {
  return new Map(
    domains.flatMap(({ name, mailboxes }) =>
      mailboxes.map(({ address }) => [requireAddress(address, name), [address]] as const),
    ),
  );
}

/**
 * Aliases, and for each mailbox a line to itself: without it a catch-all takes the mailbox's mail, since
 * Postfix looks at aliases before it looks at mailboxes.
 */
export function aliasTable(domains: readonly HostedDomain[]): AddressTable {
  const table = new Map<string, readonly string[]>();
  for (const { name, mailboxes, aliases } of domains) {
    for (const { address } of mailboxes) table.set(requireAddress(address, name), [address]);
    for (const { address, targets } of aliases) {
      if (address !== `@${name}`) requireAddress(address, name);
      if (table.has(address)) throw new RangeError(`${address} is declared twice: remove one of the two`);
      if (targets.length === 0) throw new RangeError(`alias ${address} has no target: name at least one`);
      table.set(address, sorted(targets.map(requireTarget)));
    }
  }
  return table;
}

/**
 * Who may send as an address: the login of the mailbox itself, and for an alias the logins of all
 * mailboxes that it reaches. Addresses elsewhere have no login here, so they give nobody the right.
 */
export function senderTable(domains: readonly HostedDomain[]): AddressTable {
  const mailboxes = mailboxTable(domains);
  const aliases = aliasTable(domains);
  const owners = (address: string, seen: ReadonlySet<string>): string[] => {
    if (mailboxes.has(address)) return [address];
    if (seen.has(address)) return [];
    const through = new Set([...seen, address]);
    return (aliases.get(address) ?? []).flatMap((target) => owners(target.toLowerCase(), through));
  };
  const entries = [...aliases.keys()].map(
    (address) => [address, sorted(owners(address, new Set()))] as const,
  );
  return new Map(entries.filter(([, logins]) => logins.length > 0));
}

/** Source text for `postmap`, sorted by key. */
export function renderTable(table: AddressTable): string {
  const keys = [...table.keys()].sort(compareText);
  return keys.map((key) => `${key} ${(table.get(key) ?? []).join(", ")}\n`).join("");
}

/** The four tables of the mail server, below `postfix/tables/`. */
export function renderTables(domains: readonly HostedDomain[]): ConfigurationFile[] {
  return [
    { path: "postfix/tables/aliases", content: renderTable(aliasTable(domains)) },
    { path: "postfix/tables/domains", content: renderTable(domainTable(domains)) },
    { path: "postfix/tables/mailboxes", content: renderTable(mailboxTable(domains)) },
    { path: "postfix/tables/senders", content: renderTable(senderTable(domains)) },
  ];
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compareText);
}
