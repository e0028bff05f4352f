/** A stack's settings, as the arguments of the components that they declare. */
import type { LabCertificateArgs } from "../../components/lab-certificate.ts";
import type { MailDomainArgs } from "../../components/mail-domain.ts";
import type { MailServerArgs } from "../../components/mail-server.ts";
import { mostMailboxResources } from "../../components/mailbox.ts";
import type { WebmailArgs } from "../../components/webmail.ts";
import { clientNamesOf, parseIssuer } from "../../records/index.ts";
import { loginProtocols } from "../../servers/mail-server/description.ts";
import type { DomainSettings, StackSettings } from "../schema/config.ts";
import { type DeclaredServer, serversOf, servicePorts } from "./servers.ts";
import type { StackNetwork } from "./stack-network.ts";
import { servesWebmail, webDescription, webHostNames } from "./web.ts";

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
  settings: StackSettings,
  places: StackNetwork | undefined,
): Omit<MailServerArgs, "domains" | "certificate"> {
  const { legacyPorts, messageSizeLimit, keepRemovedMail, lab } = settings;
  return {
    hostName,
    address,
    ports,
    legacyPorts,
    messageSizeLimitBytes: messageSizeLimit,
    keepRemovedMailDays: keepRemovedMail,
    networkAddress: places?.addresses.get(hostName),
    webmailAddress: servesWebmail(settings) ? places?.webmailAddress : undefined,
    keepMail: !lab,
  };
}

/** What webmail is, apart from the servers that it is for. */
export function webmailArgs(
  settings: StackSettings,
  places: StackNetwork | undefined,
): Omit<WebmailArgs, "servers" | "network"> {
  return {
    messageSizeLimitBytes: settings.messageSizeLimit,
    networkAddress: places?.webmailAddress,
    webServerAddress: places?.webServerAddress,
    keepData: !settings.lab,
  };
}

/** @param sieve - the texts of the Sieve files that the settings name, by their name there. */
export function domainArgs(
  settings: StackSettings,
  sieve: ReadonlyMap<string, string> = new Map(),
): MailDomainArgs[] {
  return serversOf(settings).flatMap((server) =>
    server.domains.map((domain) => oneDomain(domain, server, settings, sieve)),
  );
}

/** Of all domains: a hundred of fifty each are as slow to preview as one of five thousand. */
function countMailboxes({ domains }: StackSettings): number {
  return domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
}

function oneDomain(
  domain: DomainSettings,
  server: DeclaredServer,
  settings: StackSettings,
  sieve: ReadonlyMap<string, string>,
): MailDomainArgs {
  return {
    domain: domain.name,
    hostName: server.hostName,
    addresses: server.addresses,
    mailboxes: domain.mailboxes.map(({ name, quota, aliases, protocols, sieve: file, ...rest }) => ({
      ...rest,
      address: `${name}@${domain.name}`,
      quotaBytes: quota,
      protocols: protocols.length === loginProtocols.length ? undefined : protocols,
      sieve: file === undefined ? undefined : sieve.get(file),
      aliases: aliases.map((alias) => `${alias}@${domain.name}`),
    })),
    mailboxesInOneTable: countMailboxes(settings) > mostMailboxResources,
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

/** Where reports on any domain here are sent, as far as it is an address of `domain`: somebody has to receive them. */
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

function dmarc({ name, dmarc: { policy, reports } }: DomainSettings): MailDomainArgs["dmarc"] {
  return { policy, reportAddresses: [reports ?? `postmaster@${name}`] };
}
