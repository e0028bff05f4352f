import type { HostAddresses } from "./address.ts";
import type { CertificateIssuers } from "./caa.ts";
import { clientLabels, locateServices, type ServicePorts } from "./client-names.ts";
import type { Delegation } from "./cname.ts";
import type { DomainDescription, WebDescription } from "./description.ts";
import type { Dmarc } from "./dmarc.ts";
import { postmasterOf } from "./mail-address.ts";
import { byService, clientServices, isLegacy, services } from "./service.ts";
import type { SpfSources } from "./spf-sources.ts";
import { defaultTtl } from "./zone.ts";

/** A key that signs the domain's mail, as far as the DNS knows it. */
export interface DeclaredSelector {
  /** The key's name in the DNS (RFC 6376 section 3.1). @example "rsa1" */
  readonly selector: string;
  /**
   * `published`: its record is there; `signing`: it signs; `retired`: its record outlives its use. In a domain that
   * exists a key passes through all of them.
   *
   * @default "signing"
   */
  readonly stage?: "published" | "signing" | "retired" | undefined;
}

/**
 * A domain as its records know it; what is left out has its default.
 *
 * @typeParam Content - an address that is known later.
 */
export interface DeclaredDomain<Content = never> {
  /** The domain, lower case, A-labels. @example "example.org" */
  readonly domain: string;
  /** The mail server's name, to which the MX points. @example "mail.example.org" */
  readonly hostName: string;
  /** Where its clients reach the server. @example { ipv4: "192.0.2.25" } */
  readonly addresses: HostAddresses<Content>;
  /** TTL of each record, in seconds. @default 3600 */
  readonly ttl?: number | undefined;
  /**
   * The keys that sign its mail.
   *
   * @default an RSA key `rsa1` and an Ed25519 key `ed1`
   * @example [{ selector: "rsa1" }]
   */
  readonly dkim?: readonly DeclaredSelector[] | undefined;
  /**
   * What others do with mail that is not from the domain.
   *
   * @default { policy: "quarantine", reportAddresses: ["postmaster@…"] }
   */
  readonly dmarc?: Dmarc | undefined;
  /** Where TLS reports are sent. @default "postmaster@…" @example "reports@example.org" */
  readonly tlsReportAddress?: string | undefined;
  /** Who sends in the domain's name in addition to its server. @default nobody */
  readonly spf?: SpfSources | undefined;
  /** Who may issue certificates for the domain. @default anybody */
  readonly certificates?: CertificateIssuers<Content> | undefined;
  /**
   * Names below the domain that others decide.
   *
   * @default []
   * @example [{ label: "s1._domainkey", target: "s1.domainkey.u42.example.net" }]
   */
  readonly delegations?: readonly Delegation[] | undefined;
  /** What the web server serves for the domain. @default nothing */
  readonly web?: WebDescription<Content> | undefined;
  /**
   * The ports on which clients find each service; one that is missing is off.
   *
   * @default the standard TLS ports
   * @example { imaps: 993, submissions: 465 }
   */
  readonly servicePorts?: ServicePorts | undefined;
}

/** The standard ports, without what only `legacyPorts` opens. */
const defaultServicePorts: ServicePorts = byService(
  clientServices.filter((name) => !isLegacy(name)),
  (name) => services[name].port,
);

/** The keys of a domain that declares none. */
export const defaultSigningKeys = [
  { selector: "rsa1", algorithm: "rsa-2048" },
  { selector: "ed1", algorithm: "ed25519" },
] as const;

export const defaultDkimStage = "signing";

export function isSigning({ stage = defaultDkimStage }: Pick<DeclaredSelector, "stage">): boolean {
  return stage === "signing";
}

export function defaultDmarc(domain: string): Dmarc {
  return { policy: "quarantine", reportAddresses: [postmasterOf(domain)] };
}

/**
 * What the domain publishes.
 *
 * @param contents - the text of each DKIM selector's record, as far as it is known.
 */
export function describeDomain<Content>(
  args: DeclaredDomain<Content>,
  contents: (selector: string) => Content,
): DomainDescription<Content> {
  const { domain, hostName, addresses, ttl = defaultTtl } = args;
  const keys: readonly DeclaredSelector[] = args.dkim ?? defaultSigningKeys;
  return {
    domain,
    ttl,
    exchanges: [{ host: hostName, preference: 10 }],
    addresses,
    clientLabels,
    services: locateServices(domain, args.servicePorts ?? defaultServicePorts),
    spf: args.spf ?? {},
    dkim: keys.map((key) => ({
      selector: key.selector,
      content: contents(key.selector),
      signs: isSigning(key),
    })),
    dmarc: args.dmarc ?? defaultDmarc(domain),
    tlsReporting: { reportAddresses: [args.tlsReportAddress ?? postmasterOf(domain)] },
    web: args.web,
    certificates: args.certificates,
    delegations: args.delegations,
  };
}
