/** What a stack tells of itself: read by `verify`, the client cards and the tests. */
import * as pulumi from "@pulumi/pulumi";
import type { PlannedRecord } from "../components/dns-zone.ts";
import type { DnsZones } from "../components/dns-zones.ts";
import type { LabCertificate } from "../components/lab-certificate.ts";
import type { LocalDnsServer } from "../components/local-dns-server.ts";
import type { MailDomain } from "../components/mail-domain.ts";
import type { MailServer } from "../components/mail-server.ts";
import { recordsOfZone } from "../records/index.ts";
import type { StackSettings } from "./config.ts";
import { serverHostName } from "./declare.ts";
import { zoneArgs } from "./zones.ts";

export interface StackParts {
  readonly domains: readonly MailDomain[];
  readonly dns: DnsZones;
  readonly certificate: LabCertificate;
  readonly mailServer: MailServer;
  readonly dnsServer: LocalDnsServer | undefined;
}

export function describeStack(settings: StackSettings, parts: StackParts) {
  const { imap, pop3, ...ports } = settings.ports;
  const { mailServer, dnsServer } = parts;
  return {
    endpoint: {
      address: settings.address,
      ports: settings.legacyPorts ? { ...ports, imap, pop3 } : ports,
    },
    containers: { mailServer: mailServer.containerName, dnsServer: dnsServer?.containerName },
    generations: { mailServer: mailServer.generation, dnsServer: dnsServer?.generation },
    hostName: serverHostName(settings),
    caCertificate: parts.certificate.authorityCertificate,
    domains: parts.domains.map(describeDomain),
    zones: describeZones(settings, parts.dns),
    instructions: parts.dns.instructions.map(({ text, record }) => ({
      text,
      record: describeRecord(record),
    })),
    passwords: pulumi.secret(mailServer.passwords),
  };
}

/** Every zone with its records, in order, and what its parent has to publish where we sign it. */
function describeZones(settings: StackSettings, { plan, localZones }: DnsZones) {
  const signed = new Map(localZones.map(({ zone, ds }) => [zone, ds]));
  return zoneArgs(settings).map(({ name }) => ({
    name,
    records: recordsOfZone(plan, name).map(describeRecord),
    ds: signed.get(name),
  }));
}

function describeDomain({ domain, mailboxes }: MailDomain) {
  return {
    name: domain,
    clientNames: {
      incoming: { imap: `imap.${domain}`, pop3: `pop3.${domain}` },
      outgoing: `smtp.${domain}`,
    },
    mailboxes: mailboxes.map(({ address, displayName }) => ({ address, displayName })),
  };
}

function describeRecord({ role: _, ...record }: PlannedRecord) {
  return record;
}
