/** What a zone says of its publisher. */
import type * as z from "zod";
import type { ZoneDescription } from "../records/index.ts";
import type { PublisherFacts } from "./facts.ts";
import { publisherFacts } from "./list.ts";
import type { DeclaredZone, PublisherName, PublisherSettings } from "./zone-settings.ts";

type Facts = (typeof publisherFacts)[number];

type Intersected<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
type PublisherShape = Intersected<Facts["settings"]>;
/** What the schema has to be, so that each setting is what {@link PublisherSettings} says. */
type DeclaredShape = {
  readonly [Key in keyof PublisherSettings]-?: z.ZodType<PublisherSettings[Key]>;
};

type Published = { readonly dns?: PublisherName | undefined };

export const publisherNames = publisherFacts.map(({ name }) => name);
export const defaultPublisher: PublisherName = publisherFacts[0].name;

/** The fragments of the schema of settings, by their keys. */
export const publisherShape = Object.assign(
  {},
  ...publisherFacts.map(({ settings }) => settings),
) as PublisherShape satisfies DeclaredShape;

/** @throws RangeError when there is no such publisher. */
export function factsOf({ dns = defaultPublisher }: Published): PublisherFacts {
  const facts = publisherFacts.find(({ name }) => name === dns);
  if (facts === undefined) {
    throw new RangeError(`"${dns}" is not a publisher of zones: use one of ${publisherNames.join(", ")}`);
  }
  return facts;
}

/** What a domain says of its zone to the publishers, and nothing else. */
export function settingsOf(domain: PublisherSettings): PublisherSettings {
  const keys = Object.keys(publisherShape) as (keyof PublisherShape)[];
  return Object.fromEntries(keys.map((key) => [key, domain[key]]));
}

/** Whether two domains are published in the same place, so that one zone may hold both. */
export function isPublishedTogether(
  a: Published & PublisherSettings,
  b: Published & PublisherSettings,
): boolean {
  const keys = Object.keys(publisherShape) as (keyof PublisherShape)[];
  return factsOf(a) === factsOf(b) && keys.every((key) => a[key] === b[key]);
}

/** Whether the stack's own name server answers for the zone. */
export function isServedHere(zone: Published): boolean {
  return factsOf(zone).isOwnServer;
}

/** Whether the stack signs the zone; elsewhere its publisher does, or nobody. */
export function isSignedHere(zone: Pick<DeclaredZone, "dns" | "dnssec">): boolean {
  return isServedHere(zone) && zone.dnssec !== false;
}

/** What a plan has to know of the zones. */
export function describeZones(
  zones: readonly Pick<DeclaredZone, "name" | "dns" | "dnssec">[],
): ZoneDescription<never>[] {
  return zones.map((zone) => ({ name: zone.name, signed: isSignedHere(zone) }));
}
