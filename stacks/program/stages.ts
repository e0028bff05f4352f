/** What a stack's settings say of keys and policies in stages. */
import { isIPv6 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateRequest } from "../../components/issuer.ts";
import type { MailDomainArgs } from "../../components/mail-domain.ts";
import { certificatePem, readChain } from "../../keys/certificate-chain.ts";
import type { OwnKey } from "../../provider/resources.ts";
import { isServedHere, isSignedHere } from "../../publishers/declared-zone.ts";
import type { DeclaredZone } from "../../publishers/zone-settings.ts";
import { connectableAddress, ZoneFinder } from "../../records/index.ts";
import type { DnssecStage } from "../../stages/dnssec-ladder.ts";
import type { CertificateFileSettings, StackSettings } from "../schema/config.ts";
import { domainArgs } from "./domain-args.ts";
import { keysOf } from "./server-keys.ts";
import { type DeclaredServer, nameServerPlaces, serverOf } from "./servers.ts";
import { describeServer, nameServerAddress, zoneArgs, zoneOf } from "./zones.ts";

/**
 * The domains, each with what the changes of its stages are judged by.
 *
 * @param sieve - the texts of the Sieve files that the settings name, by their name there.
 */
export function stagedDomainArgs(
  settings: StackSettings,
  sieve: ReadonlyMap<string, string>,
): MailDomainArgs[] {
  // Once for all domains: each zone is found among all of them.
  const zones = new Map(zoneArgs(settings).map((zone) => [zone.name, zone]));
  return domainArgs(settings, sieve).map((args) => {
    const index = settings.domains.findIndex(({ name }) => name === args.domain);
    const domain = settings.domains[index];
    if (domain === undefined) return args;
    const zone = zoneOf(domain, settings);
    const stageChecks = {
      zone,
      nameServers: isServedHere(domain) ? [ownNameServer(settings)] : [],
      askNameServers: settings.askNameServers,
      dnssec: settings.lab ? undefined : dnssecStage(zones.get(zone)),
      settings: `maildomain:domains[${index}].`,
      exchangesSetting: `maildomain:${serverOf(domain.name, settings).path}hostName`,
    };
    return { ...args, stageChecks };
  });
}

/** A lab has no parent zone that could hold a DS record. */
function dnssecStage(zone: DeclaredZone | undefined): DnssecStage {
  if (zone === undefined || !isSignedHere(zone)) return "unsigned";
  return zone.ds === false ? "withdrawn" : "signed";
}

/** A mail server's keys, and what their changes are judged by. */
export function serverKeyArgs(
  server: DeclaredServer,
  settings: StackSettings,
): Pick<CertificateRequest, "keys" | "tlsa"> {
  const { hostName, ttl, keys } = describeServer(server, settings, () => null);
  const zone = new ZoneFinder(zoneArgs(settings)).find(hostName);
  const path = `maildomain:${server.path}serverKeys`;
  const declared = keysOf(server, settings).map(({ name, stage, path, file }) => [
    name,
    { stage, path: `maildomain:${path}`, own: file && ownKey(file) },
  ]);
  return {
    keys: Object.fromEntries(declared),
    tlsa: {
      // Without TLSA records nobody knows the keys.
      host: keys === undefined ? "" : hostName,
      ttl,
      zone: zone?.name ?? "",
      nameServers: [ownNameServer(settings)],
      askNameServers: settings.askNameServers,
      settings: path,
    },
  };
}

/** A key with its certificate, as a server gets them. */
export function ownKey({ chain, key }: CertificateFileSettings): OwnKey {
  const read = readChain(chain);
  if (read === undefined) throw new Error("certificates.files was not checked");
  return {
    privateKey: pulumi.secret(key),
    certificate: certificatePem(read.leaf),
    chain: read.intermediates.map(certificatePem).join(""),
  };
}

/** Where the deploying machine reaches the stack's own name server. */
export function ownNameServer(settings: StackSettings): string {
  const { ports, dockerHost } = settings;
  const [address = nameServerAddress(settings)] = nameServerPlaces(settings);
  const local = connectableAddress(address);
  // Its engine is elsewhere: a loopback address would be this machine's own.
  const host = local === address || dockerHost === undefined ? local : nameServerAddress(settings);
  return `${isIPv6(host) ? `[${host}]` : host}:${ports.dns}`;
}
