/** A stack's DNS: its zones, and what its records say as far as the settings say. */
import {
  describeZones,
  isPublishedTogether,
  isServedHere,
  isSignedHere,
  settingsOf,
} from "../../publishers/declared-zone.ts";
import type { DeclaredZone } from "../../publishers/zone-settings.ts";
import {
  addressList,
  type DomainDescription,
  defaultTtl,
  describeDomain,
  isWithin,
  type ParkedDescription,
  postmasterOf,
  type RecordDescription,
  reverseZone,
  type ServerDescription,
  ZoneFinder,
} from "../../records/index.ts";
import { boundServices } from "../schema/bound-services.ts";
import type { DomainSettings, ParkedSettings, StackSettings } from "../schema/config.ts";
import {
  acmeSettings,
  areProvedPersistently,
  challengeZone,
  expectedProof,
  isKnownAccount,
  type OpenedAccount,
} from "./acme-settings.ts";
import { domainArgs } from "./domain-args.ts";
import { keysOf } from "./server-keys.ts";
import { type DeclaredServer, publicAddresses, serversOf } from "./servers.ts";

type ZonedDomain = DomainSettings | ParkedSettings;

/** The zones of a stack, each once, in the order of their first domains. */
export function zoneArgs(settings: StackSettings): DeclaredZone[] {
  const zones = new Map<string, DeclaredZone>();
  for (const domain of domainsOf(settings)) {
    const name = zoneOf(domain, settings);
    const { dns, dnssec, ds, ttl } = domain;
    if (!zones.has(name)) zones.set(name, { name, dns, ...settingsOf(domain), dnssec, ds, ttl });
  }
  return [...zones.values(), ...reverseZones(settings)];
}

/** The zone that holds a domain: the declared one, or that of the domain above it which is published with it. */
export function zoneOf(domain: ZonedDomain, settings: StackSettings): string {
  if (domain.zone !== undefined) return domain.zone;
  const above = domainsOf(settings)
    .filter((other) => isWithin(domain.name, other.name) && isPublishedTogether(domain, other))
    .sort((a, b) => a.name.length - b.name.length);
  return above[0]?.zone ?? above[0]?.name ?? domain.name;
}

function domainsOf({ domains, parkedDomains }: StackSettings): readonly ZonedDomain[] {
  return [...domains, ...parkedDomains];
}

/** Only a lab has its addresses' names to itself; elsewhere they are the provider's. */
function reverseZones(settings: StackSettings): DeclaredZone[] {
  if (!settings.lab || !domainsOf(settings).some(isServedHere)) return [];
  const names = serversOf(settings).flatMap(({ addresses }) => addressList(addresses).map(reverseZone));
  return [...new Set(names)].map((name) => ({ name, dnssec: false }));
}

/**
 * A mail server, as its records know it.
 *
 * @param contents - each key's TLSA record, as far as it is known; it is published where its zone is signed here.
 */
export function describeServer<Content>(
  server: DeclaredServer,
  settings: StackSettings,
  contents: (key: string) => Content,
): ServerDescription<Content> {
  const { hostName, addresses, domains } = server;
  const zone = new ZoneFinder(zoneArgs(settings)).find(hostName);
  const own = settings.domains.find(({ name }) => isWithin(hostName, name)) ?? domains[0];
  return {
    hostName,
    ttl: own?.ttl ?? zone?.ttl ?? defaultTtl,
    addresses,
    challengeZone: challengeZone(settings),
    // DANE in a zone that is not signed is worse than none: receivers ignore it, people rely on it (RFC 7672).
    keys:
      zone !== undefined && isSignedHere(zone)
        ? keysOf(server, settings).map(({ name, stage }) => ({ name, stage, content: contents(name) }))
        : undefined,
    tlsReporting: own && { reportAddresses: [own.tlsReports ?? postmasterOf(own.name)] },
  };
}

export function parkedDescriptions({ parkedDomains }: StackSettings): ParkedDescription[] {
  return parkedDomains.map(({ name, ttl, reports }) => ({
    domain: name,
    ttl,
    reportAddresses: reports === undefined ? [] : [reports],
  }));
}

/**
 * All that is published, with `null` for what is known only once a key exists.
 *
 * @param account - with the authority that issues by ACME, where one has been opened.
 */
export function describeKnownRecords(
  settings: StackSettings,
  account?: OpenedAccount,
): RecordDescription<null> {
  const isKnown = isKnownAccount(settings, account);
  const domains = domainArgs(settings, undefined, account).map((args) =>
    describeDomain<null>(args, () => null),
  );
  return {
    zones: describeZones(zoneArgs(settings)),
    servers: serversOf(settings).map((server) => ({
      ...describeServer(server, settings, () => null),
      persistentProof: knownProof(settings, account),
    })),
    domains: isKnown ? domains : domains.map(withUnknownProofs),
    parkedDomains: parkedDescriptions(settings),
  };
}

/** Undefined where records that stay prove nothing, `null` before there is an account. */
function knownProof(settings: StackSettings, account: OpenedAccount | undefined): string | null | undefined {
  const acme = acmeSettings(settings);
  if (acme === undefined || !areProvedPersistently(settings)) return undefined;
  return isKnownAccount(settings, account) ? expectedProof(acme, account) : null;
}

/** Whose account proves names is known once it exists. */
function withUnknownProofs(domain: DomainDescription<null>): DomainDescription<null> {
  const { certificates } = domain;
  if (certificates?.proofs === undefined) return domain;
  return { ...domain, certificates: { ...certificates, proofs: { ...certificates.proofs, content: null } } };
}

/** Where others reach the stack's own name server. */
export function nameServerAddress(settings: StackSettings): string {
  const { ipv4, ipv6 } = publicAddresses(settings);
  return ipv4 ?? ipv6 ?? boundServices(settings).address;
}
