/** A stack's settings, as the arguments of the components that they declare. */
import type { LabCertificateArgs } from "../components/lab-certificate.ts";
import { clientNamesOf, type MailDomainArgs } from "../components/mail-domain.ts";
import type { MailServerArgs } from "../components/mail-server.ts";
import { mostMailboxResources } from "../components/mailbox.ts";
import { parseIssuer } from "../records/index.ts";
import type { DomainSettings, StackSettings } from "./config.ts";
import type { LabNetwork } from "./lab-network.ts";
import { type DeclaredServer, serversOf, servicePorts } from "./servers.ts";
import { webDescription, webHostNames } from "./web.ts";

/** The name by which people know the lab's authority in their list of trusted ones; X.509 allows 64 characters. */
export function authorityName({ domains }: StackSettings): string {
  return `${domains[0]?.name} authority`.slice(-64);
}

export function certificateArgs(
  { hostName, domains }: DeclaredServer,
  settings: StackSettings,
): LabCertificateArgs {
  const names = domains.flatMap(({ name }) => clientNamesOf(name));
  return {
    hostNames: [...new Set([hostName, ...names])],
    authorityName: authorityName(settings),
    days: settings.certificateDays,
  };
}

/** The web server has a key of its own: whoever breaks into it does not have the mail's. */
export function webCertificateArgs(settings: StackSettings): LabCertificateArgs {
  return {
    hostNames: webHostNames(settings),
    authorityName: authorityName(settings),
    days: settings.certificateDays,
  };
}

export function mailServerArgs(
  { hostName, address, ports }: DeclaredServer,
  { legacyPorts, messageSizeLimit, lab }: StackSettings,
  inside: LabNetwork | undefined,
): Omit<MailServerArgs, "domains" | "certificate"> {
  return {
    hostName,
    address,
    ports,
    legacyPorts,
    messageSizeLimitBytes: messageSizeLimit,
    networkAddress: inside?.addresses.get(hostName),
    keepMail: !lab,
  };
}

export function domainArgs(settings: StackSettings): MailDomainArgs[] {
  return serversOf(settings).flatMap((server) =>
    server.domains.map((domain) => oneDomain(domain, server, settings)),
  );
}

/** Of all domains: a hundred of fifty each are as slow to preview as one of five thousand. */
function countMailboxes({ domains }: StackSettings): number {
  return domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
}

function oneDomain(domain: DomainSettings, server: DeclaredServer, settings: StackSettings): MailDomainArgs {
  return {
    domain: domain.name,
    hostName: server.hostName,
    addresses: server.addresses,
    mailboxes: domain.mailboxes.map(({ name, quota, aliases, ...rest }) => ({
      ...rest,
      address: `${name}@${domain.name}`,
      quotaBytes: quota,
      aliases: aliases.map((alias) => `${alias}@${domain.name}`),
    })),
    mailboxesInOneTable: countMailboxes(settings) > mostMailboxResources,
    aliases: domain.aliases.map(({ name, to }) => ({ address: `${name}@${domain.name}`, targets: to })),
    dkim: domain.dkim,
    dmarc: dmarc(domain),
    tlsReportAddress: domain.tlsReports,
    spf: spf(domain),
    certificates: certificates(domain),
    delegations: domain.delegations,
    servicePorts: servicePorts(server, settings),
    web: webDescription(domain, server, settings),
    ttl: domain.ttl,
  };
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
