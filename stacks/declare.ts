/** A stack's settings, as the arguments of the components that they declare. */
import { isIPv6 } from "node:net";
import type { MailDomainArgs } from "../components/mail-domain.ts";
import { mostMailboxResources } from "../components/mailbox.ts";
import { type HostAddresses, parseIssuer } from "../records/index.ts";
import type { DomainSettings, StackSettings } from "./config.ts";

/** The mail server's own name: declared, or `mail.` and the first domain. */
export function serverHostName({ hostName, domains }: StackSettings): string {
  return hostName ?? `mail.${domains[0]?.name}`;
}

/** The name by which people know the lab's authority in their list of trusted ones; X.509 allows 64 characters. */
export function authorityName({ domains }: StackSettings): string {
  return `${domains[0]?.name} authority`.slice(-64);
}

export function domainArgs(settings: StackSettings): MailDomainArgs[] {
  // All domains alike, by their sum: a hundred domains of fifty each are as slow as one of five thousand.
  const count = settings.domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
  return settings.domains.map((domain) => ({
    domain: domain.name,
    hostName: serverHostName(settings),
    addresses: publicAddresses(settings),
    mailboxes: domain.mailboxes.map(({ name, quota, aliases, ...rest }) => ({
      ...rest,
      address: `${name}@${domain.name}`,
      quotaBytes: quota,
      aliases: aliases.map((alias) => `${alias}@${domain.name}`),
    })),
    mailboxesInOneTable: count > mostMailboxResources,
    aliases: domain.aliases.map(({ name, to }) => ({ address: `${name}@${domain.name}`, targets: to })),
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

function servicePorts({ ports, legacyPorts }: StackSettings): MailDomainArgs["servicePorts"] {
  const { submission, submissions, imaps, pop3s, imap, pop3 } = ports;
  return { submission, submissions, imaps, pop3s, ...(legacyPorts ? { imap, pop3 } : {}) };
}

function dmarc({ name, dmarc: { policy, reports } }: DomainSettings): MailDomainArgs["dmarc"] {
  return { policy, reportAddresses: [reports ?? `postmaster@${name}`] };
}

/** Where others reach the stack's servers. */
export function publicAddresses({ address, publicAddresses: declared }: StackSettings): HostAddresses {
  return declared ?? (isIPv6(address) ? { ipv6: address } : { ipv4: address });
}
