import { describeZones, isServedHere } from "../publishers/declared-zone.ts";
import { renderZone } from "../publishers/local/zone.ts";
import type { ServedZone } from "../publishers/publisher.ts";
import {
  defaultTtl,
  type HostAddresses,
  planRecords,
  reverseZone,
  type ServerDescription,
  type WebDescription,
} from "../records/index.ts";
import type { DnsZonesArgs, ZoneArgs } from "./dns-zones.ts";
import { settledDomain, settledServer } from "./later-addresses.ts";

/** From where the stack's own zones are looked at. */
export interface ViewArgs {
  /** Where each server is reached from there, by its host name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where the web server is reached from there. @default where everybody else reaches it */
  readonly webServerAddress?: string | undefined;
  /** Where the name server is reached from there. */
  readonly nameServerAddress: string;
}

/**
 * The stack's own zones as those see them who reach its servers at other addresses (split-horizon DNS): the same
 * records, signed by the same keys, so that one DS holds for both; and the reverse zones of these addresses.
 *
 * @param published - the zones as everybody else sees them.
 */
export function viewZones(
  args: DnsZonesArgs,
  published: readonly ServedZone[],
  { addresses, webServerAddress, nameServerAddress }: ViewArgs,
): ServedZone[] {
  const own = args.zones.filter(isServedHere);
  const reverse = [...new Set([...addresses.values()].map(reverseZone))];
  const zones: readonly ZoneArgs[] = [...own, ...reverse.map((name) => ({ name, dnssec: false }))];
  const { groups } = planRecords({
    zones: describeZones([...args.zones, ...zones.slice(own.length)]),
    servers: args.servers.map((server) => moveServer(settledServer(server), addresses)),
    domains: args.domains.map(settledDomain).map((domain) => {
      const [exchange] = domain.exchanges;
      const web = moveWeb(domain.web, webServerAddress);
      return { ...domain, addresses: placeOf(exchange?.host, addresses) ?? domain.addresses, web };
    }),
    parkedDomains: args.parkedDomains ?? [],
  });
  const signed = new Map(published.map((each) => [each.zone, each]));
  return zones.flatMap(({ name: zone, ttl = defaultTtl }) => {
    const held = groups.filter((group) => group.zone === zone);
    // A reverse zone of addresses that nobody has from there.
    if (held.length === 0) return [];
    const text = renderZone({ zone, groups: held, nameServerAddress, ttl });
    const { signingKey, ds } = signed.get(zone) ?? { signingKey: undefined, ds: undefined };
    return [{ zone, text, signingKey, ds }];
  });
}

function moveServer<Content>(
  server: ServerDescription<Content>,
  addresses: ReadonlyMap<string, string>,
): ServerDescription<Content> {
  return { ...server, addresses: placeOf(server.hostName, addresses) ?? server.addresses };
}

function moveWeb<Content>(
  web: WebDescription<Content> | undefined,
  address: string | undefined,
): WebDescription<Content> | undefined {
  return web === undefined || address === undefined ? web : { ...web, addresses: { ipv4: address } };
}

function placeOf(
  hostName: string | undefined,
  addresses: ReadonlyMap<string, string>,
): HostAddresses | undefined {
  const ipv4 = addresses.get(hostName ?? "");
  return ipv4 === undefined ? undefined : { ipv4 };
}
