/** What a stack tells of itself: read by `verify`, the client cards and the tests. */
import * as pulumi from "@pulumi/pulumi";
import type { PlannedRecord } from "../components/dns-zone.ts";
import type { LabCertificate } from "../components/lab-certificate.ts";
import type { LocalDnsServer } from "../components/local-dns-server.ts";
import type { MailDomain } from "../components/mail-domain.ts";
import type { MailServer } from "../components/mail-server.ts";
import type { ParkedDomain } from "../components/parked-domain.ts";
import type { StackSettings } from "./config.ts";
import { serverHostName } from "./declare.ts";

export interface StackParts {
  readonly domains: readonly MailDomain[];
  readonly parkedDomains: readonly ParkedDomain[];
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
    parkedDomains: parts.parkedDomains.map(({ domain, records, localZones }) => ({
      name: domain,
      records: describeRecords(records),
      ds: localZones[0]?.ds,
    })),
    passwords: pulumi.secret(mailServer.passwords),
  };
}

function describeDomain({ domain, records, mailboxes, localZones }: MailDomain) {
  return {
    name: domain,
    records: describeRecords(records),
    ds: localZones[0]?.ds,
    clientNames: {
      incoming: { imap: `imap.${domain}`, pop3: `pop3.${domain}` },
      outgoing: `smtp.${domain}`,
    },
    mailboxes: mailboxes.map(({ address, displayName }) => ({ address, displayName })),
  };
}

function describeRecords(records: readonly PlannedRecord[]) {
  return records.map(({ role: _, ...record }) => record);
}
