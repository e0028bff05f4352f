/** A stack's domains, as the arguments of the components that they declare. */
import type { MailDomainArgs } from "../../components/mail-domain.ts";
import {
  type DeclaredDomain,
  domainOf,
  formatAddress,
  parseIssuer,
  postmasterOf,
  withoutTag,
} from "../../records/index.ts";
import { loginProtocols } from "../../servers/mail-server/description.ts";
import type { DomainSettings, StackSettings } from "../schema/config.ts";
import {
  acmeSettings,
  allowsItself,
  areProvedPersistently,
  challengeNames,
  challengeZone,
  expectedCaa,
  expectedProof,
  type OpenedAccount,
} from "./acme-settings.ts";
import { type DeclaredServer, serversOf, servicePorts } from "./servers.ts";
import { webDescription } from "./web.ts";

/** Of a stack everything is known at once. */
export type PlainDomainArgs = MailDomainArgs & DeclaredDomain;

/**
 * @param sieve - the texts of the Sieve files that the settings name, by their name there.
 * @param account - with the authority that issues by ACME, where one has been opened.
 */
export function domainArgs(
  settings: StackSettings,
  sieve: ReadonlyMap<string, string> = new Map(),
  account?: OpenedAccount,
): PlainDomainArgs[] {
  return serversOf(settings).flatMap((server) =>
    server.domains.map((domain) => ({
      ...oneDomain(domain, server, settings, sieve),
      certificates: certificates(domain, settings, account),
    })),
  );
}

function oneDomain(
  domain: DomainSettings,
  server: DeclaredServer,
  settings: StackSettings,
  sieve: ReadonlyMap<string, string>,
): Omit<PlainDomainArgs, "certificates"> {
  return {
    domain: domain.name,
    hostName: server.hostName,
    addresses: server.addresses,
    mailboxes: domain.mailboxes.map(({ name, quota, aliases, protocols, sieve: file, ...rest }) => ({
      ...rest,
      address: formatAddress({ local: name, domain: domain.name }),
      quotaBytes: quota,
      protocols: protocols.length === loginProtocols.length ? undefined : protocols,
      sieve: file === undefined ? undefined : sieve.get(file),
      aliases: aliases.map((local) => formatAddress({ local, domain: domain.name })),
    })),
    aliases: domain.aliases.map(({ name, to, membersMaySend }) => ({
      address: formatAddress({ local: name, domain: domain.name }),
      targets: to,
      membersMaySend,
    })),
    catchAll: domain.catchAll,
    roles: reportAddresses(domain.name, settings),
    dkim: domain.dkim,
    dmarc: dmarc(domain),
    tlsReportAddress: domain.tlsReports,
    spf: spf(domain),
    delegations: domain.delegations,
    servicePorts: servicePorts(server, settings),
    web: webDescription(domain, server, settings),
    ttl: domain.ttl,
  };
}

function spf({ spf: { lookups, ...sources } }: DomainSettings): MailDomainArgs["spf"] {
  return { ...sources, includedLookups: lookups };
}

function certificates(
  domain: DomainSettings,
  settings: StackSettings,
  account: OpenedAccount | undefined,
): PlainDomainArgs["certificates"] {
  const { issuers, wildcardIssuers, reports } = domain.certificates;
  const acme = acmeSettings(settings);
  const zone = challengeZone(settings);
  return {
    ...(zone === undefined ? {} : { challenges: { zone, names: challengeNames(domain.name, settings) } }),
    ...(acme !== undefined && areProvedPersistently(settings)
      ? { proofs: { names: challengeNames(domain.name, settings), content: expectedProof(acme, account) } }
      : {}),
    ...(acme !== undefined && allowsItself(domain, settings) ? { ordered: expectedCaa(acme, account) } : {}),
    issuers: issuers.map(parseIssuer),
    wildcardIssuers: wildcardIssuers?.map(parseIssuer),
    reportAddress: reports,
  };
}

/** Where reports on any domain here are sent, as far as it is an address of `domain`: somebody has to receive them. */
function reportAddresses(domain: string, settings: StackSettings): string[] {
  const { domains, parkedDomains } = settings;
  const declared = domains.flatMap(({ dmarc, tlsReports, certificates: { reports } }) => [
    dmarc.reports,
    tlsReports,
    reports,
  ]);
  return [
    ...declared,
    ...parkedDomains.map(({ reports }) => reports),
    settings.certificates.acme?.report?.mail,
  ]
    .filter((address) => address !== undefined)
    .filter((address) => domainOf(address) === domain)
    .map(withoutTag);
}

function dmarc({ name, dmarc: { policy, reports } }: DomainSettings): MailDomainArgs["dmarc"] {
  return { policy, reportAddresses: [reports ?? postmasterOf(name)] };
}
