/** What a stack's settings say of certificates by ACME, without Pulumi, whose loading takes longer than all the rest. */
import { domainPair } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import {
  type CaaIssuer,
  clientNamesOf,
  directoryUrl,
  formatCaa,
  formatIssuer,
  type HostAddresses,
  knownAcmeAuthority,
  nameProblem,
  postmasterOf,
  serverAddress,
  services,
} from "../../records/index.ts";
import { boundServices, challengeAddresses } from "../schema/bound-services.ts";
import type { AcmeSettings, DomainSettings, StackSettings } from "../schema/config.ts";
import { certificateIssuer } from "./server-keys.ts";
import { type DeclaredServer, publicAddresses, serversOf } from "./servers.ts";
import { servesWeb, siteDomains, siteHostNames } from "./web.ts";

/** The settings of whoever issues by ACME; undefined where somebody else issues. */
export function acmeSettings(settings: StackSettings): AcmeSettings | undefined {
  return certificateIssuer(settings) === "acme" ? settings.certificates.acme : undefined;
}

/** Whom the settings name for questions about names, as `address:port`. */
export function resolverOf({ resolver }: AcmeSettings): string | undefined {
  return resolver === undefined ? undefined : serverAddress(resolver, services.dns.port);
}

/** A certificate that is to be ordered. */
export interface PlannedOrder {
  /** The pair of key and certificate that it is for. */
  readonly pair: string;
  /** Where it is declared. @example "domains[0]" */
  readonly path: string;
  readonly hostNames: readonly string[];
  /** Where the names have to lead, for the authority to find the agent. */
  readonly addresses: HostAddresses;
}

/** Every certificate that is ordered by ACME: one per mail server, and per domain one for mail and one for the web. */
export function plannedOrders(settings: StackSettings): PlannedOrder[] {
  if (acmeSettings(settings) === undefined) return [];
  const paths = new Map(settings.domains.map(({ name }, index) => [name, `domains[${index}]`]));
  const pathOf = (domain: string) => paths.get(domain) ?? "domains";
  const mail = serversOf(settings).flatMap((server): PlannedOrder[] => [
    {
      pair: server.name,
      path: `${server.path}hostName`,
      hostNames: [server.hostName],
      addresses: server.addresses,
    },
    ...server.domains.flatMap(({ name }) => {
      const hostNames = domainHostNames(name, server);
      const pair = domainPair(ServerRole.mailServer, name);
      return hostNames.length === 0
        ? []
        : [{ pair, path: pathOf(name), hostNames, addresses: server.addresses }];
    }),
  ]);
  const web = siteDomains(settings).map((site) => ({
    pair: domainPair(ServerRole.webServer, site.clients.domain),
    path: pathOf(site.clients.domain),
    hostNames: siteHostNames(site),
    addresses: publicAddresses(settings),
  }));
  return [...mail, ...web];
}

/** The names under which clients of a domain reach its server, without the server's own. */
export function domainHostNames(domain: string, { hostName }: DeclaredServer): string[] {
  return clientNamesOf(domain).filter((name) => name !== hostName);
}

/**
 * How the agent shows that names are the stack's: on port 80 (RFC 8555 section 8.3), by proofs that it puts into a zone
 * (section 8.4), or by records that stay (draft-ietf-acme-dns-persist).
 */
export function validationMethods({ dns, dnsPersist }: AcmeSettings): string[] {
  if (dns !== undefined) return ["dns-01"];
  return [dnsPersist ? "dns-persist-01" : "http-01"];
}

/** Whether names are proved in the DNS: then they may lead anywhere, and nobody asks on port 80. */
export function areProvedInDns(settings: StackSettings): boolean {
  const acme = acmeSettings(settings);
  return acme !== undefined && !validationMethods(acme).includes("http-01");
}

/** Whether names are proved by records that stay. */
export function areProvedPersistently(settings: StackSettings): boolean {
  const acme = acmeSettings(settings);
  return acme !== undefined && validationMethods(acme).includes("dns-persist-01");
}

/** The zone in which names are proved; undefined where they are proved otherwise. */
export function challengeZone(settings: StackSettings): string | undefined {
  return acmeSettings(settings)?.dns?.zone;
}

/** The same, where the stack's own name server answers for it. */
export function ownChallengeZone(settings: StackSettings): string | undefined {
  const dns = acmeSettings(settings)?.dns;
  return dns?.server === undefined && dns?.cloudflare === undefined ? dns?.zone : undefined;
}

/** Who hears by mail of orders that fail; undefined where nobody orders. */
export function reportedTo(settings: StackSettings): string | undefined {
  const acme = acmeSettings(settings);
  const [first] = settings.domains;
  return acme && first && (acme.report?.mail ?? postmasterOf(first.name));
}

/** The names of a domain whose proofs are in the DNS, without those of servers, which have theirs once. */
export function challengeNames(domain: string, settings: StackSettings): string[] {
  const servers = new Set(serversOf(settings).map(({ hostName }) => hostName));
  const site = siteDomains(settings).filter(({ clients }) => clients.domain === domain);
  const names = new Set([...clientNamesOf(domain), ...site.flatMap(siteHostNames)]);
  return [...names].filter((name) => !servers.has(name));
}

/**
 * Whether the stack publishes who may issue a domain's certificates: the authority that it uses, with its own account
 * alone. Where a domain's settings say who may, they are all that is said.
 */
export function allowsItself(domain: DomainSettings, settings: StackSettings): boolean {
  const acme = acmeSettings(settings);
  return acme !== undefined && domain.certificates.issuers.length === 0;
}

/** What stands in for the domain of an authority that says none: its host, or a name that nobody has (RFC 6761 section 6.4). */
function caaDomainFor(directory: string): string {
  const { hostname } = new URL(directory);
  return nameProblem(hostname) === undefined ? hostname : "authority.invalid";
}

/** An account as it was opened, which a stack reports. */
export interface OpenedAccount {
  /** The URL of the directory. */
  readonly directory: string;
  /** The account's URL. */
  readonly account: string;
  /** The domain by which CAA records allow the authority; empty where it names none. */
  readonly caaDomain: string;
}

/** How records name it. An authority that names no domain is a company's own, known by its host. */
export function accountIssuer({ directory, account, caaDomain }: OpenedAccount): CaaIssuer {
  return { authority: caaDomain === "" ? caaDomainFor(directory) : caaDomain, accountUri: account };
}

/** The text of the record that allows the stack itself, without the account as long as none is known. */
export function expectedCaa(acme: AcmeSettings, opened?: OpenedAccount): string {
  const value = formatIssuer({ ...expectedIssuer(acme, opened), validationMethods: validationMethods(acme) });
  return formatCaa({ flags: 0, tag: "issue", value });
}

/** The same of the records that prove names as long as they stand. */
export function expectedProof(acme: AcmeSettings, opened?: OpenedAccount): string {
  return formatIssuer(expectedIssuer(acme, opened));
}

/** Whether the account with which `up` would ask is known; another directory is another account. */
export function isKnownAccount(
  settings: StackSettings,
  opened: OpenedAccount | undefined,
): opened is OpenedAccount {
  const acme = acmeSettings(settings);
  return acme !== undefined && opened?.directory === directoryUrl(acme.directory);
}

function expectedIssuer({ directory }: AcmeSettings, opened: OpenedAccount | undefined): CaaIssuer {
  if (opened?.directory === directoryUrl(directory)) return accountIssuer(opened);
  return { authority: knownAcmeAuthority(directory)?.caaDomain ?? caaDomainFor(directory) };
}

/** The addresses of the host on whose port 80 the agent answers: those where the web server does not, and none for the DNS. */
export function agentAddresses(settings: StackSettings): string[] {
  if (areProvedInDns(settings)) return [];
  return challengeAddresses(boundServices(settings), settings.servers, servesWeb(settings));
}
