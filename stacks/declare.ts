/** A stack's settings, as the arguments of the components that they declare. */
import type { MailDomainArgs } from "../components/mail-domain.ts";
import { parseIssuer } from "../records/index.ts";
import type { DomainSettings, StackSettings } from "./config.ts";
import { publicAddresses, serverHostName, servicePorts } from "./places.ts";
import { webDescription } from "./web.ts";

/** The name by which people know the lab's authority in their list of trusted ones; X.509 allows 64 characters. */
export function authorityName({ domains }: StackSettings): string {
  return `${domains[0]?.name} authority`.slice(-64);
}

export function domainArgs(settings: StackSettings): MailDomainArgs[] {
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
    aliases: domain.aliases.map(({ name, to }) => ({ address: `${name}@${domain.name}`, targets: to })),
    dkim: domain.dkim,
    dmarc: dmarc(domain),
    tlsReportAddress: domain.tlsReports,
    spf: spf(domain),
    certificates: certificates(domain),
    delegations: domain.delegations,
    servicePorts: servicePorts(settings),
    web: webDescription(domain, settings),
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

function dmarc({ name, dmarc: { policy, reports } }: DomainSettings): MailDomainArgs["dmarc"] {
  return { policy, reportAddresses: [reports ?? `postmaster@${name}`] };
}
