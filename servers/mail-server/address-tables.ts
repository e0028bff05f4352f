import { catchAllOf, withoutTag } from "../../records/index.ts";
import { type ConfigurationFile, compareText, tableText } from "../generation/configuration-file.ts";
import { domainPart, requireAddress, requireDomain, requireTarget } from "./address.ts";
import type { HostedDomain, HostedMailbox } from "./description.ts";

/** A lookup table of Postfix: key to one or more values. */
export type AddressTable = ReadonlyMap<string, readonly string[]>;

/** The domains that mail is accepted for. */
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
 * Aliases, and for each mailbox a line to where its mail is forwarded; to itself where there is a catch-all, which
 * otherwise takes the mailbox's mail, since Postfix looks at aliases before it looks at mailboxes.
 *
 * @throws RangeError for an address that is declared twice, has no target, or leads back to itself.
 */
export function aliasTable(domains: readonly HostedDomain[]): AddressTable {
  const table = new Map<string, readonly string[]>();
  const closed = new Set(
    domains
      .flatMap(({ mailboxes }) => mailboxes.filter(({ receives = true }) => !receives))
      .map(({ address }) => address),
  );
  for (const { name, mailboxes, aliases } of domains) {
    const own = new Set(mailboxes.map(({ address }) => requireAddress(address, name)));
    const caught = aliases.some(({ address }) => address === catchAllOf(name));
    for (const mailbox of mailboxes) {
      if (caught || mailbox.forward !== undefined) table.set(mailbox.address, destinations(mailbox));
    }
    for (const { address, targets } of aliases) {
      if (address !== catchAllOf(name)) requireAddress(address, name);
      if (table.has(address) || own.has(address))
        throw new RangeError(`${address} is declared twice: remove one of the two`);
      if (targets.length === 0) throw new RangeError(`alias ${address} has no target: name at least one`);
      const open = targets.filter((target) => !closed.has(reached(target)));
      table.set(address, sorted((open.length > 0 ? open : targets).map(requireTarget)));
    }
  }
  return table;
}

function destinations({ address, forward }: HostedMailbox): readonly string[] {
  if (forward === undefined) return [address];
  if (forward.to.length === 0) throw new RangeError(`${address} is forwarded to nobody: name an address`);
  if (forward.to.some((target) => target.toLowerCase() === address)) {
    throw new RangeError(`${address} is forwarded to itself: keep a copy instead`);
  }
  const to = sorted(forward.to.map(requireTarget));
  return forward.keepCopy ? [address, ...to] : to;
}

/**
 * Postfix answers 451 4.6.0 to every message for an address that leads back to itself, for as long as it does.
 *
 * @throws RangeError that names the way round.
 */
function refuseLoops(table: AddressTable): void {
  const done = new Set<string>();
  const visit = (address: string, trail: readonly string[]): void => {
    if (trail.includes(address)) {
      const way = [...trail.slice(trail.indexOf(address)), address].join(" → ");
      throw new RangeError(`${address} leads back to itself (${way}): end it at a mailbox`);
    }
    if (done.has(address)) return;
    for (const target of table.get(address) ?? []) {
      // A line to itself is a mailbox, where the way ends.
      if (target.toLowerCase() !== address) visit(reached(target), [...trail, address]);
    }
    done.add(address);
  };
  for (const address of table.keys()) visit(address, []);
}

/**
 * Who may send as an address: the login of the mailbox itself, for an alias the logins of all mailboxes that
 * it reaches, and whoever is given the right. Addresses elsewhere have no login here, so they give nobody the
 * right; a catch-all gives it to nobody either, or its owner could write as anybody.
 */
export function senderTable(domains: readonly HostedDomain[]): AddressTable {
  const mailboxes = mailboxTable(domains);
  const aliases = new Map(
    domains.flatMap((domain) => domain.aliases.map((alias) => [alias.address, alias] as const)),
  );
  const owners = (address: string, seen: ReadonlySet<string>): string[] => {
    if (mailboxes.has(address)) return [address];
    if (seen.has(address)) return [];
    const through = new Set([...seen, address]);
    return (aliases.get(address)?.targets ?? []).flatMap((target) => owners(reached(target), through));
  };
  const table = new Map<string, readonly string[]>(mailboxes);
  for (const { address, membersMaySend = true } of aliases.values()) {
    if (membersMaySend && !address.startsWith("@")) table.set(address, owners(address, new Set()));
  }
  const hosted = new Set(domains.map(({ name }) => name));
  for (const { address, sendAs = [] } of domains.flatMap((domain) => domain.mailboxes)) {
    for (const other of sendAs) {
      const domain = domainPart(other);
      if (!hosted.has(domain)) throw new RangeError(`${address} may not send as ${other}: no domain here`);
      if (other !== catchAllOf(domain)) requireAddress(other, domain);
      table.set(other, [...(table.get(other) ?? []), address]);
    }
  }
  for (const [key, logins] of table) {
    if (logins.length === 0) table.delete(key);
    else if (logins.length > 1) table.set(key, sorted(logins));
  }
  return table;
}

/** The users who may hand in mail: looked up at each recipient, so that it also ends sessions that are open. */
export function submitterTable(domains: readonly HostedDomain[]): AddressTable {
  const users = domains.flatMap(({ mailboxes }) => mailboxes);
  return new Map(
    users
      .filter(({ protocols }) => protocols?.includes("submission") ?? true)
      .map(({ address }) => [address, ["OK"]]),
  );
}

/** The addresses of mailboxes that have no sub-addresses. */
export function plainAddressTable(domains: readonly HostedDomain[]): AddressTable {
  const plain = new Set(
    domains
      .flatMap(({ mailboxes }) => mailboxes)
      .filter(({ subAddressing = true }) => !subAddressing)
      .map(({ address }) => address),
  );
  const aliases = [...soleMailboxes(domains)].filter(([, address]) => plain.has(address));
  const answer = ["550 5.1.1 There is no such address"];
  return new Map([...plain, ...aliases.map(([alias]) => alias)].map((address) => [address, answer]));
}

/**
 * Recipients for whom the mailbox's own state does not decide: refused where it takes no mail, and taken
 * without a look at its quota where nothing stays in it.
 */
export function recipientTable(domains: readonly HostedDomain[]): AddressTable {
  const table = new Map<string, readonly string[]>();
  for (const { address, receives = true, forward } of domains.flatMap(({ mailboxes }) => mailboxes)) {
    if (!receives) table.set(address, ["550 5.2.1 This mailbox takes no mail"]);
    else if (forward?.keepCopy === false) table.set(address, ["OK"]);
  }
  for (const [alias, address] of soleMailboxes(domains)) {
    const answer = table.get(address);
    if (answer !== undefined) table.set(alias, answer);
  }
  return table;
}

/** The aliases that lead to one mailbox and nowhere else, with that mailbox. */
export function soleMailboxes(domains: readonly HostedDomain[]): ReadonlyMap<string, string> {
  const aliases = new Map(
    domains.flatMap((domain) => domain.aliases.map(({ address, targets }) => [address, targets] as const)),
  );
  if (aliases.size === 0) return new Map();
  const mailboxes = mailboxTable(domains);
  const follow = (address: string, steps: number): string | undefined => {
    if (mailboxes.has(address)) return address;
    const [target, ...more] = aliases.get(address) ?? [];
    if (target === undefined || more.length > 0 || steps > aliases.size) return undefined;
    return follow(reached(target), steps + 1);
  };
  const found = [...aliases.keys()].flatMap((alias) => {
    const mailbox = alias.startsWith("@") ? undefined : follow(alias, 0);
    return mailbox === undefined ? [] : [[alias, mailbox] as const];
  });
  return new Map(found);
}

/** Source text for `postmap`, sorted by key. */
export function renderTable(table: AddressTable): string {
  const keys = [...table.keys()].sort(compareText);
  return keys.map((key) => `${key} ${(table.get(key) ?? []).join(", ")}\n`).join("");
}

/** The tables of the mail server, below `postfix/tables/`. */
export function renderTables(domains: readonly HostedDomain[]): ConfigurationFile[] {
  const aliases = aliasTable(domains);
  refuseLoops(aliases);
  const tables = {
    aliases,
    domains: domainTable(domains),
    mailboxes: mailboxTable(domains),
    "plain-addresses": plainAddressTable(domains),
    recipients: recipientTable(domains),
    senders: senderTable(domains),
    submitters: submitterTable(domains),
  };
  return Object.entries(tables).map(([name, table]) => ({
    path: `postfix/tables/${name}`,
    content: tableText(renderTable(table)),
  }));
}

/** Whose line or mailbox a target is looked up as: of a sub-address that of its address. */
function reached(target: string): string {
  return withoutTag(target.toLowerCase());
}

function sorted(values: readonly string[]): string[] {
  if (values.length <= 1) return [...values];
  return [...new Set(values)].sort(compareText);
}
