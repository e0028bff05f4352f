/** A stack's settings, as the arguments of the components that they declare. */
import { isIPv6 } from "node:net";
import type { MailDomainArgs } from "../components/mail-domain.ts";
import type { ZoneArgs } from "../components/zone.ts";
import type { HostAddresses } from "../records/index.ts";
import { loginProtocols } from "../server/description.ts";
import type { DomainSettings, StackSettings } from "./config.ts";

/** The mail server's own name: declared, or `mail.` and the first domain. */
export function serverHostName({ hostName, domains }: StackSettings): string {
  return hostName ?? `mail.${domains[0]?.name}`;
}

/** The name by which people know the lab's authority in their list of trusted ones; X.509 allows 64 characters. */
export function authorityName({ domains }: StackSettings): string {
  return `${domains[0]?.name} authority`.slice(-64);
}

/** @param sieve - the texts of the Sieve files that the settings name, by their name there. */
export function domainArgs(
  settings: StackSettings,
  sieve: ReadonlyMap<string, string> = new Map(),
): MailDomainArgs[] {
  return settings.domains.map((domain) => ({
    domain: domain.name,
    hostName: serverHostName(settings),
    addresses: publicAddresses(settings),
    mailboxes: domain.mailboxes.map(({ name, quota, aliases, protocols, sieve: file, ...rest }) => ({
      ...rest,
      address: `${name}@${domain.name}`,
      quotaBytes: quota,
      protocols: protocols.length === loginProtocols.length ? undefined : protocols,
      sieve: file === undefined ? undefined : sieve.get(file),
      aliases: aliases.map((alias) => `${alias}@${domain.name}`),
    })),
    aliases: domain.aliases.map(({ name, to, membersMaySend }) => ({
      address: `${name}@${domain.name}`,
      targets: to,
      membersMaySend,
    })),
    catchAll: domain.catchAll,
    roles: reportAddresses(domain.name, settings),
    dkim: domain.dkim,
    dmarc: dmarc(domain),
    reportsFor: reportsFor(domain.name, settings),
    tlsReportAddress: domain.tlsReports,
    spfIncludes: domain.spfIncludes,
    issuers: domain.certificateIssuers,
    servicePorts: servicePorts(settings),
    dns: domain.dns,
    cloudflareZone: domain.cloudflareZone,
    ttl: domain.ttl,
    dnssec: domain.dnssec,
  }));
}

export function parkedDomainArgs(settings: StackSettings): ZoneArgs[] {
  const addresses = publicAddresses(settings);
  return settings.parkedDomains.map(({ name, ...zone }) => ({ ...zone, domain: name, addresses }));
}

/** The other domains here whose DMARC reports come to an address of `domain`. */
function reportsFor(domain: string, { domains }: StackSettings): string[] {
  return domains
    .filter((other) => other.name !== domain && other.dmarc.reports?.endsWith(`@${domain}`))
    .map(({ name }) => name);
}

/** Where reports on any domain here go, as far as it is an address of `domain`: somebody has to receive them. */
function reportAddresses(domain: string, { domains }: StackSettings): string[] {
  return domains
    .flatMap(({ dmarc: { reports }, tlsReports }) => [reports, tlsReports])
    .filter((address) => address !== undefined)
    .filter((address) => address.endsWith(`@${domain}`));
}

function servicePorts({ ports, legacyPorts }: StackSettings): MailDomainArgs["servicePorts"] {
  const { submission, submissions, imaps, pop3s, sieve, imap, pop3 } = ports;
  return { submission, submissions, imaps, pop3s, sieve, ...(legacyPorts ? { imap, pop3 } : {}) };
}

function dmarc({ name, dmarc: { policy, reports } }: DomainSettings): MailDomainArgs["dmarc"] {
  return { policy, reportAddresses: [reports ?? `postmaster@${name}`] };
}

function publicAddresses({ address, publicAddresses: declared }: StackSettings): HostAddresses {
  return declared ?? (isIPv6(address) ? { ipv6: address } : { ipv4: address });
}
