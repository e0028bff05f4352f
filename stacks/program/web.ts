/** What a stack serves over HTTPS: settings for clients, and the policy by which others deliver. */
import { describeClients } from "../../clients/description.ts";
import { connectableAddress, leadsElsewhere } from "../../records/address.ts";
import {
  clientNames,
  type MtaStsPolicy,
  policyHost,
  services,
  type WebDescription,
} from "../../records/index.ts";
import type { SiteDomain } from "../../servers/web-server/web-site.ts";
import { boundServices } from "../schema/bound-services.ts";
import type { DomainSettings, StackSettings } from "../schema/config.ts";
import { type DeclaredServer, publicAddresses, serversOf, servicePorts } from "./servers.ts";

/** Whether there is a web server. */
export function servesWeb({ web, lab }: Pick<StackSettings, "web" | "lab">): boolean {
  return web.enabled ?? lab;
}

/** Whether there is webmail. */
export function servesWebmail(settings: Pick<StackSettings, "web" | "lab">): boolean {
  return servesWeb(settings) && (settings.web.webmail ?? settings.lab);
}

/** The name by which people find a domain's webmail. */
export function webmailHost(domain: string): string {
  return `webmail.${domain}`;
}

/** What is served for each domain; nothing without a web server. */
export function siteDomains(settings: StackSettings): SiteDomain[] {
  if (!servesWeb(settings)) return [];
  return serversOf(settings).flatMap((server) =>
    server.domains.map((domain) => siteDomain(domain, server, settings)),
  );
}

function siteDomain(domain: DomainSettings, server: DeclaredServer, settings: StackSettings): SiteDomain {
  const { name } = domain;
  const pageHost = pageHostOf(name, server);
  const own = bareNames(settings) ? [name] : [];
  return {
    clients: describeClients(name, clientNames(name), servicePorts(server, settings)),
    hostNames: [...new Set([...own, pageHost, `autoconfig.${name}`, autodiscoverHost(name)])],
    pageHost,
    isReachable: Object.values(publicAddresses(settings)).some(leadsElsewhere),
    nameServer: settings.lab && domain.dns === "local" ? nameServerOf(settings) : undefined,
    autodiscoverHost: autodiscoverHost(name),
    policy: mtaStsPolicy(domain, server),
    webmailHost: servesWebmail(settings) ? webmailHost(name) : undefined,
  };
}

/** Where other devices, or at least the lab's own machine, ask for its names. */
function nameServerOf(settings: StackSettings): string {
  const { ipv4, ipv6 } = publicAddresses(settings);
  return ipv4 ?? ipv6 ?? connectableAddress(boundServices(settings).address);
}

/** The names that the web server's certificate has to hold. */
export function webHostNames(settings: StackSettings): string[] {
  return siteDomains(settings).flatMap(siteHostNames);
}

/** Those of one domain. */
export function siteHostNames({ clients, hostNames, webmailHost }: SiteDomain): string[] {
  return [...hostNames, policyHost(clients.domain), ...(webmailHost === undefined ? [] : [webmailHost])];
}

/** What the records say of the web server. */
export function webDescription(
  domain: DomainSettings,
  server: DeclaredServer,
  settings: StackSettings,
): WebDescription | undefined {
  if (!servesWeb(settings)) return undefined;
  const { https } = settings.ports;
  return {
    addresses: publicAddresses(settings),
    // A policy is asked for on HTTPS's own port alone (RFC 8461 section 3.3).
    mtaSts: { policy: mtaStsPolicy(domain, server), announced: https === services.https.port },
    autoconfig: true,
    autodiscover: { host: autodiscoverHost(domain.name), port: https },
    bareName: bareNames(settings),
    webmail: servesWebmail(settings),
  };
}

function mtaStsPolicy({ mtaSts }: DomainSettings, { hostName }: DeclaredServer): MtaStsPolicy {
  return { ...mtaSts, mx: [hostName] };
}

function bareNames({ web, lab }: StackSettings): boolean {
  return web.bareNames ?? lab;
}

/** A name that people know already, where it leads to the web server: further servers may be elsewhere. */
export function pageHostOf(domain: string, { path }: DeclaredServer): string {
  return path === "" ? `mail.${domain}` : `autoconfig.${domain}`;
}

function autodiscoverHost(domain: string): string {
  return `autodiscover.${domain}`;
}
