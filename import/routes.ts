/** Where a server delivers mail, by the rules of Postfix (virtual(5), postconf(5)), whoever wrote its tables. */
import { cut, cutTag, withoutTag } from "../records/index.ts";

export interface Routes {
  /** `virtual_alias_maps`: lower-case keys, `@example.org` for all others of a domain. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** `virtual_mailbox_maps`. */
  readonly mailboxes: ReadonlySet<string>;
  /** `virtual_mailbox_domains`. */
  readonly domains: ReadonlySet<string>;
}

/** The routes of tables in Postfix's own form, one key and its values per line. */
export function routesOfTables(tables: ReadonlyMap<string, string>): Routes {
  const read = (name: string) =>
    (tables.get(name) ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line): [string, string[]] => {
        const [key = "", ...values] = line.split(/[ ,]+/);
        return [key, values];
      });
  const keys = (name: string) => new Set(read(name).map(([key]) => key));
  return { aliases: new Map(read("aliases")), mailboxes: keys("mailboxes"), domains: keys("domains") };
}

/** `virtual_alias_expansion_limit` and `virtual_alias_recursion_limit`. */
const limit = 1000;

/**
 * Who gets what is sent to an address: mailboxes, each perhaps with a sub-address, and addresses elsewhere. Nobody where
 * the address leads nowhere, or back to itself.
 */
export function recipientsOf(address: string, routes: Routes): ReadonlySet<string> {
  const found = expand(address.toLowerCase(), routes.aliases);
  const delivered = [...(found ?? [])].filter((each) => {
    const domain = cut(each)?.domain;
    return domain !== undefined && (!routes.domains.has(domain) || hasMailbox(each, routes));
  });
  return new Set(delivered.sort());
}

function hasMailbox(address: string, { mailboxes }: Routes): boolean {
  return mailboxes.has(address) || mailboxes.has(withoutTag(address));
}

/** Applied until nothing changes. `undefined`: Postfix gives up. */
function expand(start: string, aliases: Routes["aliases"]): ReadonlySet<string> | undefined {
  const final = new Set<string>();
  let steps = 0;
  const visit = (address: string, trail: ReadonlySet<string>): boolean => {
    steps += 1;
    if (trail.has(address) || steps > limit) return false;
    const targets = lookUp(address, aliases);
    if (targets === undefined) {
      final.add(address);
      return true;
    }
    const through = new Set([...trail, address]);
    return targets.every((target) => {
      // An address that leads to itself stays: that is how a mailbox keeps its mail, or a copy.
      if (target !== address) return visit(target, through);
      final.add(address);
      return true;
    });
  };
  return visit(start, new Set()) ? final : undefined;
}

/** The order of a look-up: the whole address, the one without its extension, the domain. */
function lookUp(address: string, aliases: Routes["aliases"]): readonly string[] | undefined {
  const whole = aliases.get(address);
  if (whole !== undefined) return whole;
  // `recipient_delimiter` is the same in docker-mailserver and here.
  const { address: plain, tag } = cutTag(address) ?? {};
  const { local = "", domain = "" } = cut(address) ?? {};
  const untagged = plain === undefined ? undefined : aliases.get(plain);
  const found = untagged ?? aliases.get(`@${domain}`);
  if (found === undefined) return undefined;
  const byDomain = untagged === undefined;
  return found.map((target) => {
    // "@example.org @example.net": the same name in another domain.
    if (byDomain && target.startsWith("@")) return `${local}${target}`;
    return tag === undefined ? target : withTag(target, tag);
  });
}

/** `propagate_unmatched_extensions`. */
function withTag(address: string, tag: string): string {
  const { local = "", domain = "" } = cut(address) ?? {};
  return local === "" ? address : `${local}${tag}@${domain}`;
}
