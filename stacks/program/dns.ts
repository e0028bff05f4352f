/** A stack's zones and the servers that answer for them. */
import type * as pulumi from "@pulumi/pulumi";
import {
  DnsZones,
  type DnsZonesArgs,
  LocalDnsServer,
  type LocalDnsServerArgs,
  type MailDomain,
  type MailServerArgs,
  type WebServer,
} from "../../components/index.ts";
import { viewZones } from "../../components/zone-view.ts";
import { stackResources } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import { formatTlsa, ownKey, type ServerDescription } from "../../records/index.ts";
import type { StackSettings } from "../schema/config.ts";
import type { CertifiedServer } from "./certificates.ts";
import { declareChallengeZone, type OwnChallengeZone } from "./challenge-zone.ts";
import type { DeclaredNetwork } from "./network.ts";
import { type FormerHostNames, nameServerPlaces } from "./servers.ts";
import { describeServer, nameServerAddress, parkedDescriptions, zoneArgs } from "./zones.ts";

/** What the records are about. */
export interface PublishedParts {
  readonly domains: readonly MailDomain[];
  readonly certificates: readonly CertifiedServer[];
  readonly webServer: WebServer | undefined;
  /** By the name of the server that had them. */
  readonly formerHostNames: FormerHostNames;
  /** What proves servers' names, where records that stay do. */
  readonly proof: pulumi.Output<string> | undefined;
}

export interface DeclaredDns {
  readonly dns: DnsZones;
  /** Nothing where all zones are published elsewhere. */
  readonly dnsServer: LocalDnsServer | undefined;
  /** It shows a lab's servers each other where they are, not where the machine is, and nothing else. */
  readonly innerDnsServer?: LocalDnsServer | undefined;
  /** The zones that it serves, with what shows a lab's servers that its answers are genuine. */
  readonly sealedZones?: MailServerArgs["sealedZones"];
  /** Where names are proved to an authority, if the stack's own name server answers for that zone. */
  readonly challenges?: OwnChallengeZone | undefined;
}

export function declareDns(
  settings: StackSettings,
  network: DeclaredNetwork,
  parts: PublishedParts,
): DeclaredDns {
  const published = dnsZonesArgs(settings, parts);
  const dns = new DnsZones(stackResources.zones, published);
  const { name, engineIdentity, dockerHost, logs, rollout } = network;
  const joined = {
    network: name,
    engineIdentity,
    dockerHost,
    logs,
    rollout,
    limits: settings.limits.dnsServer,
    imageBuild: settings.images,
    policyServer: parts.webServer,
  };
  const challenges = declareChallengeZone(settings);
  const served = challenges === undefined ? dns.localZones : [...dns.localZones, challenges.served];
  const dnsServer =
    dns.localZones.length === 0
      ? undefined
      : new LocalDnsServer(
          ServerRole.dnsServer,
          { ...joined, zones: served, ...boundNameServer(settings), port: settings.ports.dns },
          network.engine,
        );

  const inside = settings.lab ? network.places : undefined;
  const view = inside && viewZones(published, dns.localZones, inside);
  if (inside === undefined || view === undefined) return { dns, dnsServer, challenges };

  const nameServer = inside.nameServerAddress;
  const innerDnsServer =
    view.length === 0
      ? undefined
      : new LocalDnsServer(
          ServerRole.innerDnsServer,
          { ...joined, zones: view, networkAddress: nameServer, image: dnsServer?.image },
          network.engine,
        );
  return {
    dns,
    dnsServer,
    challenges,
    innerDnsServer,
    sealedZones: view.map(({ zone, ds }) => ({ zone, ds, nameServer })),
  };
}

function boundNameServer(settings: StackSettings): Pick<LocalDnsServerArgs, "address" | "addresses"> {
  const addresses = nameServerPlaces(settings);
  return addresses.length === 1 ? { address: addresses[0] } : { addresses };
}

function dnsZonesArgs(
  settings: StackSettings,
  { domains, certificates, webServer, formerHostNames, proof }: PublishedParts,
): DnsZonesArgs {
  return {
    zones: zoneArgs(settings),
    servers: certificates.map((server) => ({
      ...serverRecords(server, settings),
      formerHostNames: formerHostNames.get(server.declared.name)?.map(({ name }) => name),
      persistentProof: proof,
    })),
    domains: domains.map(({ recordDescription }) => recordDescription),
    parkedDomains: parkedDescriptions(settings),
    nameServerAddress: nameServerAddress(settings),
    policyServer: webServer,
  };
}

/** A mail server's records; its keys are published (TLSA) where its zone is signed here. */
function serverRecords(
  { declared, certificate }: CertifiedServer,
  settings: StackSettings,
): ServerDescription<pulumi.Output<string>> {
  return describeServer(declared, settings, (key) =>
    certificate.digestOf(key).apply((digest) => formatTlsa(ownKey(digest))),
  );
}
