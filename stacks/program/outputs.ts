/** What a stack reports about itself, as `outputs/schema.ts` has it. */
import * as pulumi from "@pulumi/pulumi";
import type { AcmeIssuer } from "../../components/acme-certificate.ts";
import type { CertificateAgent } from "../../components/certificate-agent.ts";
import type { DnsZones, LocalDnsServer, MailDomain, Webmail, WebServer } from "../../components/index.ts";
import type { Mailbox } from "../../components/mailbox.ts";
import { mostEntries, textOfList, textOfMap } from "../../naming/large-map.ts";
import type { WrittenOutputs } from "../../outputs/schema.ts";
import { defaultPublisher } from "../../publishers/declared-zone.ts";
import type { PlannedRecord } from "../../publishers/publisher.ts";
import {
  addressList,
  boundOf,
  catchAllOf,
  clientNames,
  directoryUrl,
  openMailServices,
  recordsOfZone,
  serviceNames,
} from "../../records/index.ts";
import { type SiteDomain, siteUrl } from "../../servers/web-server/web-site.ts";
import type { StackSettings } from "../schema/config.ts";
import {
  acmeSettings,
  agentAddresses,
  areProvedPersistently,
  plannedOrders,
  resolverOf,
} from "./acme-settings.ts";
import type { CertifiedServer } from "./certificates.ts";
import type { DeclaredMailServer } from "./mail-servers.ts";
import type { DeclaredNetwork } from "./network.ts";
import { certificateIssuer } from "./server-keys.ts";
import { type DeclaredServer, type FormerHostNames, openPorts } from "./servers.ts";
import { servesWeb, siteDomains } from "./web.ts";
import { zoneArgs } from "./zones.ts";

/** A value as the program has it: each part of it may be known only once resources are there. */
type Declared<Value> =
  | pulumi.Output<Value>
  | (Value extends readonly (infer Element)[]
      ? readonly Declared<Element>[]
      : Value extends object
        ? { readonly [Key in keyof Value]: Declared<Value[Key]> }
        : Value);

/** What only some stacks have: an output without a value is a warning of Pulumi's at each `up`. */
type SomeOutput = "acme" | "caCertificate" | "deliverability";

/** Every output, also one that has a default for its readers. */
export type DeclaredOutputs = {
  readonly [Name in Exclude<keyof WrittenOutputs, SomeOutput>]-?: Declared<WrittenOutputs[Name]>;
} & { readonly [Name in SomeOutput]?: Declared<WrittenOutputs[Name]> };

export interface StackParts {
  readonly network: DeclaredNetwork;
  readonly domains: readonly MailDomain[];
  readonly dns: DnsZones;
  /** That of every mail server, the main one's first. */
  readonly certificates: readonly [CertifiedServer, ...CertifiedServer[]];
  /** The main one first. */
  readonly mailServers: readonly [DeclaredMailServer, ...DeclaredMailServer[]];
  readonly dnsServer?: LocalDnsServer | undefined;
  readonly innerDnsServer?: LocalDnsServer | undefined;
  readonly webServer: WebServer | undefined;
  readonly webmail: Webmail | undefined;
  /** Whoever issues by ACME, and the agent that asks there. */
  readonly acme?: AcmeIssuer | undefined;
  readonly certificateAgent?: CertificateAgent | undefined;
  /** Names that were left out of the certificates, since they lead elsewhere. */
  readonly elsewhere: ReadonlySet<string>;
  /** Domains whose MTA-STS record waits. */
  readonly awaited: ReadonlySet<string>;
  readonly formerHostNames: FormerHostNames;
}

export function describeStack(settings: StackSettings, parts: StackParts): DeclaredOutputs {
  const { dnsServer, innerDnsServer, webServer, webmail, certificateAgent } = parts;
  const [main, ...further] = parts.mailServers;
  const [{ certificate }] = parts.certificates;
  return {
    endpoint: describeEndpoint(settings, parts.network, main),
    containers: {
      mailServer: main.server.containerName,
      dnsServer: dnsServer?.containerName,
      innerDnsServer: innerDnsServer?.containerName,
      webServer: webServer?.containerName,
      webmail: webmail?.containerName,
      certificateAgent: certificateAgent?.containerName,
    },
    generations: {
      mailServer: main.server.generation,
      dnsServer: dnsServer?.generation,
      innerDnsServer: innerDnsServer?.generation,
      webServer: webServer?.generation,
      webmail: webmail?.generation,
      certificateAgent: certificateAgent?.generation,
    },
    hostName: main.declared.hostName,
    furtherServers: further.map((server) => describeFurtherServer(server, settings)),
    ...(certificate.authorityCertificate === undefined
      ? {}
      : { caCertificate: certificate.authorityCertificate }),
    certificateIssuer: certificateIssuer(settings),
    ...describeAcme(settings, parts),
    domains: describeDomains(settings, parts.domains),
    zones: describeZones(settings, parts.dns),
    instructions: parts.dns.instructions.map(({ text, record }) => ({
      text,
      record: describeRecord(record),
    })),
    stages: describeStages(parts),
    passwords: pulumi.secret(allPasswords(parts.mailServers)),
    backups: settings.backups,
    ...describeDeliverability(settings),
  };
}

/** Large receivers whose servers answer everybody, and lists that many receivers ask. */
const usuallyAsked = {
  tryDomains: ["gmail.com", "outlook.com"],
  blockLists: ["zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com"],
};

function describeDeliverability({
  lab,
  deliverability,
}: StackSettings): Pick<DeclaredOutputs, "deliverability"> {
  const asked = lab ? deliverability : { ...usuallyAsked, ...deliverability };
  const { tryDomains = [], blockLists = [] } = asked;
  return tryDomains.length + blockLists.length === 0 ? {} : { deliverability: { tryDomains, blockLists } };
}

function describeEndpoint(
  settings: StackSettings,
  { engineIdentity: identity }: DeclaredNetwork,
  { declared }: DeclaredMailServer,
): DeclaredOutputs["endpoint"] {
  const { dockerHost } = settings;
  const { dns, https, http } = settings.ports;
  const webPorts = servesWeb(settings)
    ? { https, http }
    : agentAddresses(settings).length === 0 || acmeSettings(settings) === undefined
      ? {}
      : { http };
  const ports = { dns, ...openPorts(declared, settings), ...webPorts };
  return {
    ...boundOf(
      declared.bound,
      serviceNames.filter((name) => name in ports),
    ),
    ...(dockerHost === undefined ? {} : { engine: dockerHost }),
    identity,
    ports,
    ...describeProxied(declared),
  };
}

/** What the agent orders, from whom, and in whose name. */
function describeAcme(
  settings: StackSettings,
  { acme: issuer, elsewhere, awaited }: StackParts,
): Pick<DeclaredOutputs, "acme"> {
  const acme = acmeSettings(settings);
  if (acme === undefined || issuer === undefined) return {};
  return {
    acme: {
      directory: directoryUrl(acme.directory),
      account: issuer.account.uri,
      caaDomain: issuer.account.caaDomain,
      ...(acme.dns === undefined ? {} : { challengeZone: acme.dns.zone }),
      ...(areProvedPersistently(settings) ? { dnsPersist: true } : {}),
      orders: issuer.orders.map(({ name, hostNames }) => ({ name, hostNames: [...hostNames] })),
      ...describeLeftOut(settings, elsewhere),
      ...(awaited.size === 0 ? {} : { awaited: [...awaited] }),
    },
  };
}

/** Whoever looks later whether they lead here asks the same resolver. */
function describeLeftOut(settings: StackSettings, elsewhere: ReadonlySet<string>) {
  const names = plannedOrders(settings).flatMap(({ hostNames, addresses }) =>
    hostNames.filter((name) => elsewhere.has(name)).map((name) => [name, addressList(addresses)] as const),
  );
  const leftOut = [...new Map(names)].map(([name, addresses]) => ({ name, addresses }));
  const acme = acmeSettings(settings);
  const resolver = acme && resolverOf(acme);
  return {
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(resolver === undefined ? {} : { resolver }),
  };
}

function describeFurtherServer({ declared, server }: DeclaredMailServer, settings: StackSettings) {
  return {
    hostName: declared.hostName,
    ...boundOf(declared.bound, openMailServices(settings.legacyPorts)),
    ports: openPorts(declared, settings),
    ...describeProxied(declared),
    container: server.containerName,
    generation: server.generation,
    domains: declared.domains.map(({ name }) => name),
  };
}

/** Who is believed is nothing to those who read it. */
function describeProxied({ proxyProtocol }: DeclaredServer) {
  if (proxyProtocol === undefined) return {};
  const { address, ports } = proxyProtocol;
  return { proxyProtocol: { ports, ...(address === undefined ? {} : { address }) } };
}

function describeStages({ certificates, domains, formerHostNames }: StackParts): DeclaredOutputs["stages"] {
  return {
    servers: certificates.map(({ declared: { name, hostName }, certificate: { stages } }) => {
      const formerNames = formerHostNames.get(name);
      return { hostName, ...(formerNames === undefined ? {} : { formerNames }), keys: stages.keys };
    }),
    domains: domains.map(({ domain, stages: { dkim, dmarc, mtaSts } }) => ({ domain, dkim, dmarc, mtaSts })),
  };
}

function allPasswords(
  servers: readonly DeclaredMailServer[],
): pulumi.Output<Record<string, string> | string> {
  return pulumi.all(servers.map(({ server }) => server.passwords)).apply((each) => {
    const known = each.flatMap((passwords) => Object.entries(passwords));
    const map = Object.fromEntries(known);
    return known.length > mostEntries ? textOfMap(map) : map;
  });
}

/** Every zone with its records, in order, and what its parent has to publish where we sign it. */
function describeZones(settings: StackSettings, { plan, localZones }: DnsZones) {
  const signed = new Map(localZones.map(({ zone, ds }) => [zone, ds]));
  return zoneArgs(settings).map(({ name, dns }) => ({
    name,
    publisher: dns ?? defaultPublisher,
    records: recordsOfZone(plan, name).map(describeRecord),
    ds: signed.get(name),
  }));
}

function describeDomains(settings: StackSettings, domains: readonly MailDomain[]) {
  const sites = new Map(siteDomains(settings).map((site) => [site.clients.domain, site]));
  return domains.map(({ domain, mailboxes, hosted }) => ({
    name: domain,
    clientNames: clientNames(domain),
    web: describeWeb(sites.get(domain), settings),
    mailboxes: describeMailboxes(mailboxes),
    catchAll: hosted.aliases.some(({ address }) => address === catchAllOf(domain)) || undefined,
  }));
}

function describeMailboxes(mailboxes: readonly Mailbox[]) {
  const list = mailboxes.map(describeMailbox);
  if (list.length <= mostEntries) return list;
  const isPlain = list.every(({ displayName }) => !pulumi.Output.isInstance(displayName));
  return isPlain ? textOfList(list) : pulumi.output(list).apply(textOfList);
}

/** What differs from most mailboxes is said of those that differ. */
function describeMailbox({ address, displayName, hosted }: Mailbox) {
  const { protocols, receives, sendAs, forward, sieve } = hosted;
  const movesMail = forward !== undefined || sieve !== undefined || undefined;
  return { address, displayName, protocols, receives, sendAs, movesMail };
}

/** Where the set-up page is, under which names clients find which settings, and the policy to be served. */
function describeWeb(site: SiteDomain | undefined, { ports }: StackSettings) {
  if (site === undefined) return undefined;
  const { clients, hostNames, policy, pageHost, webmailHost } = site;
  const webmail = webmailHost === undefined ? undefined : siteUrl(webmailHost, ports.https);
  return { page: siteUrl(pageHost, ports.https), webmail, hostNames, clients, policy };
}

function describeRecord({ role: _, ...record }: PlannedRecord) {
  return record;
}
