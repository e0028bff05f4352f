import type { ZoneDescription } from "./description.ts";

/** Who answers for a zone: the stack's own name server, or somebody the whole world asks. */
export const DnsProvider = { local: "local", cloudflare: "cloudflare" } as const;
export type DnsProvider = (typeof DnsProvider)[keyof typeof DnsProvider];

/** One zone, and who publishes it. */
export interface DeclaredZone {
  /** Its apex, lower case, A-labels. It may hold several domains. @example "example.org" */
  readonly name: string;
  /** @default "local" */
  readonly dns?: DnsProvider | undefined;
  /** The Cloudflare zone's id; needed with `dns: "cloudflare"`. */
  readonly cloudflareZone?: string | undefined;
  /** TTL of a local zone's own records, such as its name server, in seconds. @default 3600 */
  readonly ttl?: number | undefined;
  /** Whether a zone of the stack's own server is signed (DNSSEC). @default true */
  readonly dnssec?: boolean | undefined;
  /** Whether the parent of a signed zone has, or is to have, its DS record. @default true */
  readonly ds?: boolean | undefined;
}

/** How long others may keep a record of which nothing is declared, in seconds. */
export const defaultTtl = 3600;

/** Whether the stack's own name server serves the zone. */
export function isLocal({ dns = DnsProvider.local }: Pick<DeclaredZone, "dns">): boolean {
  return dns === DnsProvider.local;
}

/** Whether the stack signs the zone; elsewhere its publisher does, or nobody. */
export function isSignedHere(zone: Pick<DeclaredZone, "dns" | "dnssec">): boolean {
  return isLocal(zone) && zone.dnssec !== false;
}

/** What a plan has to know of the zones. */
export function describeZones(zones: readonly DeclaredZone[]): ZoneDescription<never>[] {
  return zones.map((zone) => ({ name: zone.name, signed: isSignedHere(zone) }));
}
