/** What a stack serves over HTTPS: settings for clients, and the policy by which others deliver. */
import { describeClients } from "../clients/description.ts";
import type { MailDomainArgs } from "../components/mail-domain.ts";
import { type MtaStsPolicy, policyHost } from "../records/index.ts";
import type { SiteDomain } from "../server/web-site.ts";
import type { DomainSettings, StackSettings } from "./config.ts";
import { clientNames, publicAddresses, serverHostName, servicePorts } from "./places.ts";

/** Whether there is a web server. */
export function servesWeb({ web, lab }: Pick<StackSettings, "web" | "lab">): boolean {
  return web.enabled ?? lab;
}

/** What is served for each domain; nothing without a web server. */
export function siteDomains(settings: StackSettings): SiteDomain[] {
  if (!servesWeb(settings)) return [];
  return settings.domains.map((domain) => ({
    clients: describeClients(domain.name, clientNames(domain.name), servicePorts(settings)),
    hostNames: settingsHosts(domain.name, settings),
    pageHost: pageHost(domain.name),
    autodiscoverHost: autodiscoverHost(domain.name),
    policy: mtaStsPolicy(domain, settings),
  }));
}

/** The names that the certificate has to hold for the web server. */
export function webHostNames(settings: StackSettings): string[] {
  return siteDomains(settings).flatMap(({ clients, hostNames }) => [
    ...hostNames,
    policyHost(clients.domain),
  ]);
}

/** What the records say of the web server. */
export function webDescription(domain: DomainSettings, settings: StackSettings): MailDomainArgs["web"] {
  if (!servesWeb(settings)) return undefined;
  const { https } = settings.ports;
  return {
    addresses: publicAddresses(settings),
    // A policy is asked for on port 443 alone (RFC 8461 section 3.3).
    mtaSts: { policy: mtaStsPolicy(domain, settings), announced: https === 443 },
    autoconfig: true,
    autodiscover: { host: autodiscoverHost(domain.name), port: https },
    bareName: bareNames(settings),
  };
}

function mtaStsPolicy({ mtaSts }: DomainSettings, settings: StackSettings): MtaStsPolicy {
  return { ...mtaSts, mx: [serverHostName(settings)] };
}

function settingsHosts(domain: string, settings: StackSettings): string[] {
  const own = bareNames(settings) ? [domain] : [];
  return [...own, pageHost(domain), `autoconfig.${domain}`, autodiscoverHost(domain)];
}

function bareNames({ web, lab }: StackSettings): boolean {
  return web.bareNames ?? lab;
}

/** A name that people know already: it is one that clients are set up with. */
function pageHost(domain: string): string {
  return `mail.${domain}`;
}

function autodiscoverHost(domain: string): string {
  return `autodiscover.${domain}`;
}
