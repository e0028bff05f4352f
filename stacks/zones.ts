/** A stack's DNS: its zones, and what its records say as far as the settings tell. */
import { describeZones, isSignedHere, type ZoneArgs } from "../components/dns-zones.ts";
import { describeDomain } from "../components/mail-domain.ts";
import {
  isWithin,
  type ParkedDescription,
  type RecordDescription,
  reverseZone,
  type ServerDescription,
  ZoneFinder,
} from "../records/index.ts";
import type { DomainSettings, ParkedSettings, StackSettings } from "./config.ts";
import { domainArgs, publicAddresses, serverHostName } from "./declare.ts";

type NamedZone = DomainSettings | ParkedSettings;

/** The zones of a stack, each once, in the order of their first domains. */
export function zoneArgs(settings: StackSettings): ZoneArgs[] {
  const zones = new Map<string, ZoneArgs>();
  for (const domain of domainsOf(settings)) {
    const name = zoneOf(domain, settings);
    const { dns, cloudflareZone, dnssec, ttl } = domain;
    if (!zones.has(name)) zones.set(name, { name, dns, cloudflareZone, dnssec, ttl });
  }
  return [...zones.values(), ...reverseZones(settings)];
}

/** The zone that holds a domain: the declared one, or that of the domain above it which is published with it. */
export function zoneOf(domain: NamedZone, settings: StackSettings): string {
  if (domain.zone !== undefined) return domain.zone;
  const above = domainsOf(settings)
    .filter((other) => isWithin(domain.name, other.name) && isPublishedTogether(domain, other))
    .sort((a, b) => a.name.length - b.name.length);
  return above[0]?.zone ?? above[0]?.name ?? domain.name;
}

function isPublishedTogether(a: NamedZone, b: NamedZone): boolean {
  return a.dns === b.dns && a.cloudflareZone === b.cloudflareZone;
}

function domainsOf({ domains, parkedDomains }: StackSettings): readonly NamedZone[] {
  return [...domains, ...parkedDomains];
}

/** Only a lab has its addresses' names to itself; elsewhere they are the provider's. */
function reverseZones(settings: StackSettings): ZoneArgs[] {
  if (!settings.lab || domainsOf(settings).every(({ dns }) => dns !== "local")) return [];
  const { ipv4, ipv6 } = publicAddresses(settings);
  const names = [ipv4, ipv6].flatMap((address) => (address === undefined ? [] : [reverseZone(address)]));
  return names.map((name) => ({ name, dnssec: false }));
}

/**
 * The mail server's records.
 *
 * @param key - the text of its TLSA record, which is published where its zone is signed here.
 */
export function serverRecords<Content>(settings: StackSettings, key: Content): ServerDescription<Content> {
  const hostName = serverHostName(settings);
  const zone = new ZoneFinder(zoneArgs(settings)).find(hostName);
  const own = settings.domains.find(({ name }) => isWithin(hostName, name)) ?? settings.domains[0];
  return {
    hostName,
    ttl: own?.ttl ?? zone?.ttl ?? 3600,
    addresses: publicAddresses(settings),
    // DANE in a zone that is not signed is worse than none: receivers ignore it, people rely on it (RFC 7672).
    keys: zone !== undefined && isSignedHere(zone) ? { current: key } : undefined,
    tlsReporting: own && { reportAddresses: [own.tlsReports ?? `postmaster@${own.name}`] },
  };
}

export function parkedDescriptions({ parkedDomains }: StackSettings): ParkedDescription[] {
  return parkedDomains.map(({ name, ttl, reports }) => ({
    domain: name,
    ttl,
    reportAddresses: reports === undefined ? [] : [reports],
  }));
}

/** All that is published, with `null` for what is known only once a key exists. */
export function describeKnownRecords(settings: StackSettings): RecordDescription<null> {
  return {
    zones: describeZones(zoneArgs(settings)),
    servers: [serverRecords(settings, null)],
    domains: domainArgs(settings).map((args) => describeDomain(args, () => null)),
    parkedDomains: parkedDescriptions(settings),
  };
}

/** Where others reach the stack's own name server. */
export function nameServerAddress(settings: StackSettings): string {
  const { ipv4, ipv6 } = publicAddresses(settings);
  return ipv4 ?? ipv6 ?? settings.address;
}
