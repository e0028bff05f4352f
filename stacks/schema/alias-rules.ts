/** Where aliases lead: to addresses that exist, and never in a circle. */
import { catchAllOf, cut, formatAddress, roleLocalParts, withoutTag } from "../../records/index.ts";
import { type Domain, list, type Partly, type Path, type Report, text } from "./written-settings.ts";

/** Where an address leads, and where that is written. */
interface AliasEdge {
  readonly path: Path;
  readonly to: readonly string[];
}

/**
 * An alias, a catch-all or a forward to a domain here must end at a mailbox; a cycle would answer 451 to every
 * message. Two mailboxes that are forwarded to each other are one, whether or not they keep copies.
 */
export function checkAliasTargets(domains: readonly Partly<Domain>[], report: Report): void {
  const hosted = new Set(domains.map((domain) => domain?.name));
  const known = new Set<string>();
  const edges = new Map<string, AliasEdge>();
  const undeclared = new Map<string, { readonly to: readonly string[] }>();
  for (const [index, domain] of domains.entries()) {
    const here = (local: string | undefined) =>
      formatAddress({ local: text(local) ?? "", domain: text(domain?.name) ?? "" });
    for (const [at, mailbox] of list(domain?.mailboxes).entries()) {
      const address = here(mailbox?.name);
      for (const name of [mailbox?.name, ...list(mailbox?.aliases)]) known.add(here(name));
      if (mailbox?.forward === undefined) continue;
      const path = ["domains", index, "mailboxes", at, "forward", "to"];
      edges.set(address, { path, to: present(mailbox.forward.to) });
      for (const name of list(mailbox.aliases)) edges.set(here(name), { path, to: [address] });
    }
    for (const [at, alias] of list(domain?.aliases).entries()) {
      known.add(here(alias?.name));
      const path = ["domains", index, "aliases", at, "to"];
      edges.set(here(alias?.name), { path, to: present(alias?.to) });
    }
    edges.set(catchAllOf(text(domain?.name) ?? ""), {
      path: ["domains", index, "catchAll"],
      to: present(domain?.catchAll),
    });
    // The roles that nobody has declared go to the first mailbox.
    for (const role of roleLocalParts) {
      if (!known.has(here(role)))
        undeclared.set(here(role), { to: [here(list(domain?.mailboxes)[0]?.name)] });
      known.add(here(role));
    }
  }
  for (const [from, { path, to }] of edges) {
    for (const [n, target] of to.entries()) {
      const isHosted = hosted.has(cut(target)?.domain);
      if (isHosted && !known.has(withoutTag(target))) {
        report([...path, n], `"${target}" is not a mailbox or alias here: declare it, or use one that is`);
      }
      if (withoutTag(target) === from) report([...path, n], `"${target}" leads to itself: leave it out`);
    }
  }
  const ways = new Map([...undeclared, ...edges]);
  for (const [address, { path, to }] of edges) {
    const cycle = to.map(withoutTag).includes(address) ? undefined : findCycle(address, ways);
    if (cycle !== undefined) report(path, `leads back to itself (${cycle.join(" → ")}): end it at a mailbox`);
  }
}

function present(addresses: readonly (string | undefined)[] | undefined): string[] {
  return list(addresses).filter((address) => address !== undefined);
}

function findCycle(
  start: string,
  aliases: ReadonlyMap<string, { to: readonly string[] }>,
): string[] | undefined {
  const visited = new Set<string>();
  const search = (address: string, trail: string[]): string[] | undefined => {
    for (const target of (aliases.get(address)?.to ?? []).map(withoutTag)) {
      if (target === start) return [...trail, target];
      if (visited.has(target)) continue;
      visited.add(target);
      const found = search(target, [...trail, target]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}
