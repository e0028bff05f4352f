import { profileOwner, renderAppleProfile } from "../../clients/apple-profile.ts";
import { renderAutoconfig } from "../../clients/autoconfig.ts";
import {
  AutodiscoverError,
  renderAutodiscover,
  renderAutodiscoverError,
  renderAutodiscoverJson,
} from "../../clients/autodiscover.ts";
import type { Brand } from "../../clients/brand.ts";
import type { ClientDescription } from "../../clients/description.ts";
import { renderSetUpPage } from "../../clients/set-up-page.ts";
import { languages, setUpTexts } from "../../clients/set-up-text/languages.ts";
import { formatMtaStsPolicy, type MtaStsPolicy, policyHost } from "../../records/index.ts";
import type { ConfigurationFile, SealedFile } from "../generation/configuration-file.ts";
import { type TlsPair, tlsPairFile } from "../generation/tls-pair.ts";
import { namedPairFile, type TlsPairs } from "../generation/tls-pairs.ts";
import {
  addressMarker,
  documentPath,
  pageDocument,
  SharedDocument,
  sharedDocumentFile,
  uuidMarker,
  WebDocument,
} from "./web-documents.ts";
import { portSuffix, renderWebServer, type ServedDomain, type WebmailPlace } from "./web-server.ts";

/** Everything that is served for the domains of a stack. */
export interface WebSite {
  readonly domains: readonly SiteDomain[];
  /** The host's port for HTTPS: 1 to 65535. */
  readonly httpsPort: number;
  /** Whether clients must be configured to trust an authority of the stack's own. */
  readonly ownAuthority: boolean;
  /** Whether browsers are to insist on HTTPS, see {@link WebServerDescription}. @default false */
  readonly strictTransport?: boolean | undefined;
  /** The SHA-256 fingerprint of its certificate. @default not shown */
  readonly fingerprint?: string | undefined;
  /** Where webmail answers. @default nowhere */
  readonly webmail?: WebmailPlace | undefined;
  /** The container that answers challenges on port 80. @default none */
  readonly certificateAgent?: string | undefined;
  /** What the pages for people look like. @default each domain's own name */
  readonly brand?: Brand | undefined;
  /** What is shown to whom. @default one pair for everybody */
  readonly pairs?: TlsPairs | undefined;
}

export interface SiteDomain {
  /** What everybody with a mailbox in the domain sets up. */
  readonly clients: ClientDescription;
  /** The names that lead here, the policy's aside. @example ["autoconfig.example.org", "example.org"] */
  readonly hostNames: readonly string[];
  /** The name by which people reach the set-up page, one of `hostNames`. @example "mail.example.org" */
  readonly pageHost: string;
  /** Whether other devices than the host itself can open it: its code is shown to them. @default true */
  readonly isReachable?: boolean | undefined;
  /** The only server that knows the names: the page says so. @default the world knows them @example "127.0.0.1" */
  readonly nameServer?: string | undefined;
  /** The name that Outlook is sent to, one of `hostNames`. @example "autodiscover.example.org" */
  readonly autodiscoverHost: string;
  /** The name by which people find webmail. @default there is none @example "webmail.example.org" */
  readonly webmailHost?: string | undefined;
  /** The MTA-STS policy. @default no policy is served */
  readonly policy?: MtaStsPolicy | undefined;
}

/** `https://host/`, with the port where it is not the usual one. */
export function siteUrl(host: string, httpsPort: number): string {
  return `https://${host}${portSuffix(httpsPort)}/`;
}

/** Every file that needs no key: configuration, documents. The rest: {@link authorityFiles} and the pairs. */
export function renderWebSite(site: WebSite): ConfigurationFile[] {
  return [
    ...renderWebServer({
      domains: site.domains.map((domain) => servedDomain(domain, site.httpsPort)),
      httpsPort: site.httpsPort,
      strictTransport: site.strictTransport,
      webmail: site.webmail,
      certificateAgent: site.certificateAgent,
      brand: site.brand,
      pairs: site.pairs,
    }),
    sharedDocumentFile(
      SharedDocument.invalidRequest,
      renderAutodiscoverError(AutodiscoverError.invalidRequest),
    ),
    sharedDocumentFile(SharedDocument.notProvided, renderAutodiscoverError(AutodiscoverError.notProvided)),
    ...site.domains.flatMap((domain) => renderDocuments(domain, site)),
  ];
}

/** All the names under which something of a domain is served. */
export function namesOf({ clients, hostNames, policy, webmailHost }: SiteDomain): string[] {
  const policyName = policy && policyHost(clients.domain);
  return [...new Set([...hostNames, policyName, webmailHost])].filter((name) => name !== undefined);
}

function servedDomain(
  { clients, hostNames, pageHost, policy, webmailHost }: SiteDomain,
  httpsPort: number,
): ServedDomain {
  const { domain } = clients;
  return {
    name: domain,
    hostNames,
    policyHost: policy === undefined ? undefined : policyHost(domain),
    webmailHost,
    pageUrl: siteUrl(pageHost, httpsPort),
  };
}

function renderDocuments(
  domain: SiteDomain,
  { httpsPort, ownAuthority, fingerprint, brand }: WebSite,
): ConfigurationFile[] {
  const { clients, policy } = domain;
  const webmailUrl = domain.webmailHost === undefined ? undefined : siteUrl(domain.webmailHost, httpsPort);
  const url = siteUrl(domain.pageHost, httpsPort);
  const { isReachable = true, nameServer } = domain;
  const page = { clients, url, isReachable, nameServer, ownAuthority, fingerprint, webmailUrl, brand };
  const plainXml = `${siteUrl(domain.autodiscoverHost, httpsPort)}autodiscover/autodiscover.xml`;
  const contents: [WebDocument, string][] = [
    ...(policy === undefined
      ? []
      : [[WebDocument.policy, formatMtaStsPolicy(policy)] as [WebDocument, string]]),
    [WebDocument.autoconfig, renderAutoconfig(clients)],
    [WebDocument.autodiscover, renderAutodiscover(clients)],
    [WebDocument.autodiscoverLogin, renderAutodiscover(clients, addressMarker)],
    [WebDocument.autodiscoverJson, renderAutodiscoverJson(plainXml)],
    ...languages.map((language): [WebDocument, string] => [
      pageDocument(language),
      renderSetUpPage(page, setUpTexts[language]),
    ]),
  ];
  return contents.map(([document, content]) => ({
    path: documentPath(clients.domain, document),
    content,
  }));
}

/** What holds the certificate of the stack's own authority, if there is one: the profiles, and the certificate itself. */
export function authorityFiles({ domains, ownAuthority }: WebSite): SealedFile<string>[] {
  const owner = { ...profileOwner(addressMarker), uuid: uuidMarker };
  return domains.flatMap(({ clients }) => {
    const document = (name: WebDocument, render: (authorityPem: string) => string) =>
      ({ path: documentPath(clients.domain, name), owner: "nginx", mode: 0o600, render }) as const;
    return [
      document(WebDocument.profile, (pem) =>
        renderAppleProfile(clients, owner, ownAuthority ? pem : undefined),
      ),
      ...(ownAuthority ? [document(WebDocument.authority, (pem) => pem)] : []),
    ];
  });
}

/** The key and certificate for all of the names that no other pair has. */
export const webServerPair = tlsPairFile("nginx");

/** One of `pairs.named`. */
export function webServerNamedPair(name: string): SealedFile<TlsPair> {
  return namedPairFile(name, "nginx");
}
