/** A stack's settings, as the arguments of the components that they declare. */
import { isIPv6 } from "node:net";
import type { MailDomainArgs } from "../components/mail-domain.ts";
import { type HostAddresses, parseIssuer } from "../records/index.ts";
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
    tlsReportAddress: domain.tlsReports,
    spf: spf(domain),
    certificates: certificates(domain),
    delegations: domain.delegations,
    servicePorts: servicePorts(settings),
    ttl: domain.ttl,
  }));
}

function spf({ spf: { lookups, ...sources } }: DomainSettings): MailDomainArgs["spf"] {
  return { ...sources, includedLookups: lookups };
}

function certificates({
  certificates: { issuers, wildcardIssuers, reports },
}: DomainSettings): MailDomainArgs["certificates"] {
  return {
    issuers: issuers.map(parseIssuer),
    wildcardIssuers: wildcardIssuers?.map(parseIssuer),
    reportAddress: reports,
  };
}

/** Where reports on any domain here go, as far as it is an address of `domain`: somebody has to receive them. */
function reportAddresses(domain: string, { domains, parkedDomains }: StackSettings): string[] {
  const declared = domains.flatMap(({ dmarc, tlsReports, certificates: { reports } }) => [
    dmarc.reports,
    tlsReports,
    reports,
  ]);
  return [...declared, ...parkedDomains.map(({ reports }) => reports)]
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

/** Where others reach the stack's servers. */
export function publicAddresses({ address, publicAddresses: declared }: StackSettings): HostAddresses {
  return declared ?? (isIPv6(address) ? { ipv6: address } : { ipv4: address });
}
