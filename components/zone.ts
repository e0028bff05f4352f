import type * as pulumi from "@pulumi/pulumi";
import type { HostAddresses } from "../records/index.ts";
import { CloudflareZone } from "./cloudflare-zone.ts";
import type { PlannedRecord } from "./dns-zone.ts";
import { LocalZone } from "./local-zone.ts";

export const DnsProvider = { local: "local", cloudflare: "cloudflare" } as const;
export type DnsProvider = (typeof DnsProvider)[keyof typeof DnsProvider];

/** Who publishes a domain's records. */
export interface ZoneArgs {
  /** The domain, lower case, A-labels. @example "example.org" */
  readonly domain: string;
  /** Where the stack's servers are reached. @example { ipv4: "192.0.2.25" } */
  readonly addresses: HostAddresses;
  /** @default "local" */
  readonly dns?: DnsProvider | undefined;
  /** The Cloudflare zone's id; needed with `dns: "cloudflare"`. */
  readonly cloudflareZone?: string | undefined;
  /** How long others may keep a record, in seconds. @default 3600 */
  readonly ttl?: number | undefined;
  /** Whether a zone of the stack's own server is signed (DNSSEC). @default true */
  readonly dnssec?: boolean | undefined;
}

export const defaultTtl = 3600;

/** Whether the stack's own name server signs the zone. */
export function isSignedHere({ dns, dnssec }: Pick<ZoneArgs, "dns" | "dnssec">): boolean {
  return dns !== DnsProvider.cloudflare && dnssec !== false;
}

/**
 * Publishes a domain's records.
 *
 * @returns the zone for a name server of the stack's own; empty when somebody else publishes it.
 */
export function createZone(
  parent: pulumi.Resource,
  name: string,
  args: ZoneArgs,
  records: readonly PlannedRecord[],
): LocalZone[] {
  const { domain, ttl = defaultTtl, cloudflareZone, dnssec } = args;
  if (args.dns !== DnsProvider.cloudflare) {
    const nameServerAddress = args.addresses.ipv4 ?? args.addresses.ipv6 ?? "";
    return [new LocalZone(`${name}-zone`, { domain, records, ttl, dnssec, nameServerAddress }, { parent })];
  }
  if (cloudflareZone === undefined)
    throw new Error(`${name}: cloudflareZone is needed with dns "cloudflare"`);
  new CloudflareZone(`${name}-zone`, { domain, records, zoneId: cloudflareZone }, { parent });
  return [];
}
