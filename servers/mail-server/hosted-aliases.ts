import { catchAllOf, formatAddress, roleLocalParts } from "../../records/index.ts";
import type { HostedAlias } from "./description.ts";

/** What is declared of the addresses of a domain. */
export interface DeclaredAddresses {
  readonly domain: string;
  readonly mailboxes: readonly { readonly address: string; readonly aliases: readonly string[] }[];
  readonly aliases?: readonly HostedAlias[] | undefined;
  /** Where what is nobody's goes. @default it is refused */
  readonly catchAll?: readonly string[] | undefined;
  /** Addresses that somebody has to receive mail for, in addition to those that every domain owes. */
  readonly roles?: readonly string[] | undefined;
}

/** Every alias of a domain: what is declared, a mailbox's further addresses, and the roles that nobody has declared. */
export function hostedAliases(declared: DeclaredAddresses): HostedAlias[] {
  const { domain, mailboxes, roles = [] } = declared;
  const own = mailboxes.flatMap(({ address, aliases }) =>
    aliases.map((alias) => ({ address: alias, targets: [address] })),
  );
  const owed = roleLocalParts.map((local) => formatAddress({ local, domain }));
  const received = new Set([...owed, ...roles]);
  const aliases = [
    ...declaredAliases(declared).map((alias) =>
      received.has(alias.address) ? { ...alias, isRole: true as const } : alias,
    ),
    ...own,
  ];
  const taken = new Set([...mailboxes, ...aliases].map(({ address }) => address));
  const [first] = mailboxes;
  if (first === undefined) return aliases;
  return [
    ...aliases,
    ...[...received]
      .filter((address) => !taken.has(address))
      .map((address) => ({ address, targets: [first.address], isRole: true as const })),
  ];
}

/** The aliases that stand for themselves, and the catch-all. */
export function declaredAliases({
  domain,
  aliases = [],
  catchAll = [],
}: Pick<DeclaredAddresses, "domain" | "aliases" | "catchAll">): readonly HostedAlias[] {
  return catchAll.length === 0 ? aliases : [...aliases, { address: catchAllOf(domain), targets: catchAll }];
}
