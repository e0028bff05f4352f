/** Whether mail arrives where it arrived: address by address, the old server's tables against those of the new one. */
import { catchAllOf, cut } from "../records/index.ts";
import { type Routes, recipientsOf } from "./routes.ts";
import type { NotTaken, Place } from "./source.ts";

/** The old server's routes, and where each line of them is written. */
export interface PlacedRoutes extends Routes {
  readonly aliasPlaces: ReadonlyMap<string, Place>;
  readonly mailboxPlaces: ReadonlyMap<string, Place>;
}

/** Stand for every address that has no line of its own, and for every sub-address. */
const nobody = "nobody-has-this-name";
const extension = "+any";

export interface Comparison {
  /** How many addresses were compared. */
  readonly compared: number;
  /** Where mail would go elsewhere than before. */
  readonly differences: readonly NotTaken[];
}

/** @param reported - places that are reported already, with their reasons. */
export function compareRoutes(old: PlacedRoutes, now: Routes, reported: ReadonlySet<Place>): Comparison {
  const addresses = new Set([
    ...[...old.aliases.keys(), ...old.mailboxes, ...now.mailboxes, ...now.aliases.keys()].map((key) =>
      key.startsWith("@") ? `${nobody}${key}` : key,
    ),
    ...[...old.domains, ...now.domains].map((domain) => `${nobody}@${domain}`),
  ]);
  const differences: NotTaken[] = [];
  for (const address of addresses) {
    const { local = "", domain = "" } = cut(address) ?? {};
    const line = old.aliasPlaces.get(address);
    const account = old.mailboxPlaces.get(address);
    const place = line ?? account ?? old.aliasPlaces.get(catchAllOf(domain)) ?? domain;
    // What is left out as a whole has been reported as a whole.
    const isReported =
      account === undefined || !now.mailboxes.has(address)
        ? reported.has(place)
        : line !== undefined && reported.has(line);
    if (isReported || !now.domains.has(domain)) continue;
    const tagged = `${local}${extension}@${domain}`;
    for (const each of local.includes("+") ? [address] : [address, tagged]) {
      const [before, after] = [recipientsOf(each, old), recipientsOf(each, now)];
      if (before.size === 0 || same(before, after)) continue;
      const shown = local === nobody ? `any other address of ${domain}` : each;
      differences.push({ place, reason: `mail to ${shown} went to ${names(before)}; here ${where(after)}` });
      break;
    }
  }
  return { compared: addresses.size, differences };
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function names(addresses: ReadonlySet<string>): string {
  return [...addresses].join(", ").replaceAll(`${nobody}@`, "the same name at ");
}

function where(addresses: ReadonlySet<string>): string {
  return addresses.size === 0 ? "it is refused" : `it goes to ${names(addresses)}`;
}
