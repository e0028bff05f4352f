/** What a stack's settings say of certificates by ACME, without Pulumi, whose loading takes longer than all the rest. */
import { formatCaa, formatIssuer, knownAcmeAuthority, nameProblem } from "../../records/index.ts";
import type { AcmeSettings, DomainSettings, StackSettings } from "../schema/config.ts";
import { certificateIssuer } from "./server-keys.ts";
import { serversOf } from "./servers.ts";
import { servesWeb } from "./web.ts";

/** The settings of whoever issues by ACME; undefined where somebody else issues. */
export function acmeSettings(settings: StackSettings): AcmeSettings | undefined {
  return certificateIssuer(settings) === "acme" ? settings.certificates.acme : undefined;
}

/** How the agent shows that names lead here (RFC 8555 section 8.3). */
export const validationMethods = ["http-01"];

/**
 * Whether the stack publishes who may issue a domain's certificates: the authority that it uses, with its own account
 * alone. Where a domain's settings say who may, they are all that is said.
 */
export function allowsItself(domain: DomainSettings, settings: StackSettings): boolean {
  const acme = acmeSettings(settings);
  return acme !== undefined && domain.certificates.issuers.length === 0;
}

/** What stands in for the domain of an authority that says none: its host, or a name that nobody has (RFC 6761 section 6.4). */
export function caaDomainFor(directory: string): string {
  const { hostname } = new URL(directory);
  return nameProblem(hostname) === undefined ? hostname : "authority.invalid";
}

/** The text of that record as far as it is known before there is an account. */
export function expectedCaa({ directory }: AcmeSettings): string {
  const authority = knownAcmeAuthority(directory)?.caaDomain ?? caaDomainFor(directory);
  return formatCaa({ flags: 0, tag: "issue", value: formatIssuer({ authority, validationMethods }) });
}

/** The addresses of the host on whose port 80 the agent answers: those where the web server does not. */
export function agentAddresses(settings: StackSettings): string[] {
  const all = new Set([settings.address, ...serversOf(settings).map(({ address }) => address)]);
  if (servesWeb(settings)) all.delete(settings.address);
  return [...all];
}
