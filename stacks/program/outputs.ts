/** What a stack reports about itself: read by `verify`, the client cards and the tests. */
import * as pulumi from "@pulumi/pulumi";
import type { PlannedRecord } from "../../components/dns-zone.ts";
import { DnsProvider, type DnsZones } from "../../components/dns-zones.ts";
import type { LabCertificate } from "../../components/lab-certificate.ts";
import type { LocalDnsServer } from "../../components/local-dns-server.ts";
import type { MailDomain } from "../../components/mail-domain.ts";
import type { MailServer } from "../../components/mail-server.ts";
import type { WebServer } from "../../components/web-server.ts";
import type { Webmail } from "../../components/webmail.ts";
import { clientNames, recordsOfZone } from "../../records/index.ts";
import { type SiteDomain, siteUrl } from "../../servers/web-server/web-site.ts";
import type { StackSettings } from "../schema/config.ts";
import { openPorts, serversOf } from "./servers.ts";
import { servesWeb, siteDomains } from "./web.ts";
import { zoneArgs } from "./zones.ts";

export interface StackParts {
  readonly domains: readonly MailDomain[];
  readonly dns: DnsZones;
  readonly certificate: LabCertificate;
  /** That of every server. */
  readonly certificates: readonly { readonly hostName: string; readonly certificate: LabCertificate }[];
  /** The main one first. */
  readonly mailServers: readonly MailServer[];
  readonly dnsServer: LocalDnsServer | undefined;
  readonly innerDnsServer: LocalDnsServer | undefined;
  readonly webServer: WebServer | undefined;
  readonly webmail: Webmail | undefined;
}

export function describeStack(settings: StackSettings, parts: StackParts) {
  const { dns, https, http } = settings.ports;
  const [main] = serversOf(settings);
  const { mailServers, dnsServer, innerDnsServer, webServer, webmail } = parts;
  const [mailServer] = mailServers;
  return {
    endpoint: {
      address: settings.address,
      ...(settings.dockerHost === undefined ? {} : { engine: settings.dockerHost }),
      ports: {
        dns,
        ...openPorts(main, settings),
        ...(servesWeb(settings) ? { https, http } : {}),
      },
    },
    containers: {
      mailServer: mailServer?.containerName,
      dnsServer: dnsServer?.containerName,
      innerDnsServer: innerDnsServer?.containerName,
      webServer: webServer?.containerName,
      webmail: webmail?.containerName,
    },
    generations: {
      mailServer: mailServer?.generation,
      dnsServer: dnsServer?.generation,
      innerDnsServer: innerDnsServer?.generation,
      webServer: webServer?.generation,
      webmail: webmail?.generation,
    },
    hostName: main.hostName,
    furtherServers: describeFurtherServers(settings, mailServers),
    caCertificate: parts.certificate.authorityCertificate,
    domains: describeDomains(settings, parts.domains),
    zones: describeZones(settings, parts.dns),
    instructions: parts.dns.instructions.map(({ text, record }) => ({
      text,
      record: describeRecord(record),
    })),
    stages: {
      servers: parts.certificates.map(({ hostName, certificate }) => ({
        hostName,
        keys: certificate.server.keys,
      })),
      domains: parts.domains.map(({ domain, stages: { dkim, dmarc, mtaSts } }) => ({
        domain,
        dkim,
        dmarc,
        mtaSts,
      })),
    },
    passwords: pulumi.secret(allPasswords(mailServers)),
    backups: settings.backups,
  };
}

function describeFurtherServers(settings: StackSettings, mailServers: readonly MailServer[]) {
  return serversOf(settings)
    .slice(1)
    .map((server, index) => ({
      hostName: server.hostName,
      address: server.address,
      ports: openPorts(server, settings),
      container: mailServers[index + 1]?.containerName,
      generation: mailServers[index + 1]?.generation,
      domains: server.domains.map(({ name }) => name),
    }));
}

function allPasswords(mailServers: readonly MailServer[]): pulumi.Output<Record<string, string>> {
  return pulumi
    .all(mailServers.map(({ passwords }) => passwords))
    .apply((each) => Object.fromEntries(each.flatMap((known) => Object.entries(known))));
}

/** Every zone with its records, in order, and what its parent has to publish where we sign it. */
function describeZones(settings: StackSettings, { plan, localZones }: DnsZones) {
  const signed = new Map(localZones.map(({ zone, ds }) => [zone, ds]));
  return zoneArgs(settings).map(({ name, dns }) => ({
    name,
    publisher: dns ?? DnsProvider.local,
    records: recordsOfZone(plan, name).map(describeRecord),
    ds: signed.get(name),
  }));
}

function describeDomains(settings: StackSettings, domains: readonly MailDomain[]) {
  const sites = new Map(siteDomains(settings).map((site) => [site.clients.domain, site]));
  return domains.map(({ domain, mailboxes }) => ({
    name: domain,
    clientNames: clientNames(domain),
    web: describeWeb(sites.get(domain), settings),
    mailboxes: mailboxes.map(({ address, displayName }) => ({ address, displayName })),
  }));
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
