/** The certificates of a stack's servers, all of one issuer. */
import type { CertificateRequest, IssuedCertificate, Issuer } from "../../components/issuer.ts";
import { PrivateIssuer } from "../../components/lab-certificate.ts";
import { FileIssuer } from "../../components/own-certificate.ts";
import type { DomainCertificate } from "../../components/server-pairs.ts";
import { certificateName, domainPair } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import type { StackSettings } from "../schema/config.ts";
import { declareAcmeIssuer } from "./acme.ts";
import { acmeSettings, domainHostNames } from "./acme-settings.ts";
import { certificateIssuer, mailHostNames, servingFile } from "./server-keys.ts";
import { type DeclaredServer, serversOf } from "./servers.ts";
import { ownKey, serverKeyArgs } from "./stages.ts";
import { siteDomains, siteHostNames, webHostNames } from "./web.ts";

/** A mail server as it is declared, and its certificate. */
export interface CertifiedServer {
  readonly declared: DeclaredServer;
  readonly certificate: IssuedCertificate;
  /** Those of its domains, by the names of their pairs, where each has one of its own. */
  readonly domainCertificates?: Readonly<Record<string, DomainCertificate>> | undefined;
}

/**
 * Whoever the settings name: one that is asked by ACME, whoever has made the certificates of files, or an authority of the stack's own.
 *
 * @param elsewhere - the names that lead elsewhere, for which nobody is asked.
 */
export function issuerOf(settings: StackSettings, elsewhere: ReadonlySet<string>): Issuer {
  const { domains, certificates } = settings;
  const acme = acmeSettings(settings);
  if (acme !== undefined) return declareAcmeIssuer(acme, certificates.authority, elsewhere);
  if (certificateIssuer(settings) === "files") return new FileIssuer(certificates.authority);
  // The name by which people know the authority in their list of trusted ones; X.509 allows 64 characters.
  return new PrivateIssuer(`${domains[0]?.name} authority`.slice(-64));
}

/** The certificate of every mail server, the main one's first. */
export function declareCertificates(
  settings: StackSettings,
  issuer: Issuer,
): [CertifiedServer, ...CertifiedServer[]] {
  const [main, ...further] = serversOf(settings);
  const certify = (declared: DeclaredServer): CertifiedServer => ({
    declared,
    certificate: issuer.issue(certificateName(declared.name), requestOf(declared, settings)),
    domainCertificates: hasOnePerDomain(settings)
      ? Object.fromEntries(declared.domains.flatMap(({ name }) => mailPair(name, declared, settings, issuer)))
      : undefined,
  });
  return [certify(main), ...further.map(certify)];
}

/** What the web server shows: one certificate for all names, or one per domain. */
export interface WebCertificates {
  readonly certificate: IssuedCertificate | undefined;
  readonly domainCertificates?: Readonly<Record<string, DomainCertificate>> | undefined;
}

/** The web server has a key of its own where it is made here: whoever breaks into it does not have the mail's. */
export function declareWebCertificates(settings: StackSettings, issuer: Issuer): WebCertificates {
  const days = settings.certificateDays;
  if (hasOnePerDomain(settings)) {
    const pairs = siteDomains(settings).map((site) => {
      const pair = domainPair(ServerRole.webServer, site.clients.domain);
      return [pair, domainCertificate(pair, siteHostNames(site), settings, issuer)] as const;
    });
    return { certificate: undefined, domainCertificates: Object.fromEntries(pairs) };
  }
  const hostNames = webHostNames(settings);
  const file = certificateIssuer(settings) === "files" ? servingFile(settings, hostNames) : undefined;
  const keys = file && { [file.name]: { stage: "serving" as const, own: ownKey(file) } };
  return { certificate: issuer.issue(certificateName(ServerRole.webServer), { hostNames, days, keys }) };
}

/**
 * Whether each domain has a certificate of its own: one whose DNS is wrong costs itself alone, and none names another's
 * company. An authority of the stack's own asks nobody, and files are what somebody has.
 */
function hasOnePerDomain(settings: StackSettings): boolean {
  return acmeSettings(settings) !== undefined;
}

/** The names under which clients of a domain reach its server, without the server's own; nothing without any. */
function mailPair(
  domain: string,
  server: DeclaredServer,
  settings: StackSettings,
  issuer: Issuer,
): [string, DomainCertificate][] {
  const hostNames = domainHostNames(domain, server);
  const pair = domainPair(ServerRole.mailServer, domain);
  return hostNames.length === 0 ? [] : [[pair, domainCertificate(pair, hostNames, settings, issuer)]];
}

function domainCertificate(
  pair: string,
  hostNames: readonly string[],
  { certificateDays: days }: StackSettings,
  issuer: Issuer,
): DomainCertificate {
  return { hostNames, certificate: issuer.issue(certificateName(pair), { hostNames, days }) };
}

function requestOf(server: DeclaredServer, settings: StackSettings): CertificateRequest {
  return {
    hostNames: hasOnePerDomain(settings) ? [server.hostName] : mailHostNames(server),
    days: settings.certificateDays,
    formerKeyLeaked: server.keys?.some(({ stage, leaked }) => stage === "retired" && leaked === true),
    ...serverKeyArgs(server, settings),
  };
}
