import * as pulumi from "@pulumi/pulumi";
import type { Brand } from "../clients/brand.ts";
import { fingerprintOf } from "../keys/pem.ts";
import { imageResource } from "../naming/resources.ts";
import { serviceAddresses, services, type WebService, webServices } from "../records/index.ts";
import { type ContainerLimits, defaultLimits } from "../servers/container-limits.ts";
import type { ImageBuild } from "../servers/image-build.ts";
import type { WebmailPlace } from "../servers/web-server/web-server.ts";
import {
  authorityFiles,
  namesOf,
  renderWebSite,
  type SiteDomain,
  type WebSite,
  webServerNamedPair,
  webServerPair,
} from "../servers/web-server/web-site.ts";
import { type ConfigurationFileArgs, sealed } from "./configuration-volume.ts";
import { type ContainerSettings, containerSettings } from "./container-settings.ts";
import { type TlsCertificate, tlsPair } from "./issuer.ts";
import { filesFrom, type TextOf, textOrExample } from "./known-later.ts";
import { type PublishedPort, placeServer, type ServerNodes } from "./server-container.ts";
import { createServerImage } from "./server-image.ts";
import { type CertificateSettings, certificateVolumes, namedPairFiles, pairsOf } from "./server-pairs.ts";

/**
 * The host's ports by service, each 1 to 65535. An MTA-STS policy can be asked for on 443 only (RFC 8461 section 3.3).
 *
 * @default the service's own, see `records/service.ts`
 */
export type WebServerPorts = Readonly<Partial<Record<WebService, number | undefined>>>;

/** The host's addresses by service. @default both services are at one address */
export type WebServerAddresses = Readonly<Partial<Record<WebService, readonly pulumi.Input<string>[]>>>;

export interface WebServerArgs extends ContainerSettings, CertificateSettings {
  /** What is served for each domain. @example [{ clients, hostNames, pageHost, autodiscoverHost }] */
  readonly domains: readonly SiteDomain[];
  /**
   * Its key and certificate, for all of the domains' names that are in none of `domainCertificates`.
   *
   * @default each name is in one of them
   * @example certificate
   */
  readonly certificate?: TlsCertificate | undefined;
  /**
   * The authority that clients must be configured to trust, PEM.
   *
   * @default they know it already
   * @example certificate.authorityCertificate
   */
  readonly authorityCertificate?: pulumi.Input<string> | undefined;
  /** The host's address on which it answers. @example "0.0.0.0" */
  readonly address: pulumi.Input<string>;
  /**
   * The host's addresses of services that it answers elsewhere, at least one each: `address` is for the other one.
   *
   * @default both are at `address`
   * @example { https: ["192.0.2.25", "10.0.0.5"] }
   */
  readonly addresses?: WebServerAddresses | undefined;
  /** The host's ports by service, each 1 to 65535. @default the service's own @example { https: 8443 } */
  readonly ports?: WebServerPorts | undefined;
  /** Where webmail answers under the domains' `webmailHost`. @default nowhere */
  readonly webmail?: WebmailPlace<pulumi.Input<string>> | undefined;
  /**
   * The container of the {@link CertificateAgent} that answers challenges (RFC 8555 section 8.3) on port 80: they are passed
   * on to it, whatever name they are for.
   *
   * @default there is none
   * @example dockerName("certificate-agent")
   */
  readonly certificateAgent?: pulumi.Input<string> | undefined;
  /**
   * Whether browsers are to insist on HTTPS for a year (RFC 6797). Without a certificate that they all trust
   * nobody could open anything; on another port than 443 nothing is sent.
   *
   * @default false
   */
  readonly strictTransport?: boolean | undefined;
  /** What the pages for people look like. @default each domain's own name */
  readonly brand?: Brand | undefined;
  /** The day of its packages, and the image that it is built on. @default those of this version */
  readonly imageBuild?: ImageBuild | undefined;
  /** What its container may use of the host. @default `defaultLimits.webServer` */
  readonly limits?: ContainerLimits | undefined;
}

/**
 * A web server (nginx) for what mail clients and other mail servers ask for: settings for Thunderbird, Outlook and
 * Apple's Mail, a set-up page for people, and the MTA-STS policy. It knows domains, and no mailbox.
 *
 * ```ts
 * new WebServer("web-server", {
 *   domains: [
 *     {
 *       clients,
 *       hostNames: ["autoconfig.example.org", "autodiscover.example.org", "mail.example.org"],
 *       pageHost: "mail.example.org",
 *       autodiscoverHost: "autodiscover.example.org",
 *     },
 *   ],
 *   certificate,
 *   address: "0.0.0.0",
 * });
 * ```
 *
 * Creates the image, the configuration volume and the container.
 */
export class WebServer extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The id of the configuration that the server is to serve. */
  readonly generation: pulumi.Output<string>;
  readonly #nodes: ServerNodes;

  constructor(name: string, args: WebServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:WebServer", name, { address: args.address, addresses: args.addresses }, opts);
    this.#nodes = placeServer(this, name, {
      image: createServerImage("web-server", imageResource(name), args.imageBuild, { parent: this }),
      files: renderFiles(name, args),
      ports: publishedPorts(args),
      limits: args.limits ?? defaultLimits.webServer,
      shared: certificateVolumes(args),
      ...containerSettings(args),
    });
    this.containerName = this.#nodes.container.name;
    this.generation = this.#nodes.configuration.generation;
    const { containerName, generation } = this;
    this.registerOutputs({ containerName, generation });
  }

  /** Its resources, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): ServerNodes {
    return this.#nodes;
  }
}

/** The complete generation. Which files there are is plain data; the authority's text may be known later. */
function renderFiles(name: string, args: WebServerArgs): ConfigurationFileArgs[] {
  const { authorityCertificate, certificate } = args;
  const pairs = pairsOf(name, certificate && otherNames(args), args);
  return [
    ...filesFrom((textOf) => renderWebSite({ ...describe(args, textOf), pairs })),
    ...sealed(authorityFiles(describe(args, textOrExample)), pulumi.output(authorityCertificate ?? "")),
    ...(certificate === undefined ? [] : sealed([webServerPair], tlsPair(certificate))),
    ...namedPairFiles(args, webServerNamedPair),
  ];
}

/** The names that no other certificate has. */
function otherNames({ domains, domainCertificates = {} }: WebServerArgs): string[] {
  const covered = new Set(Object.values(domainCertificates).flatMap(({ hostNames }) => hostNames));
  return domains.flatMap(namesOf).filter((name) => !covered.has(name));
}

function describe(args: WebServerArgs, textOf: TextOf): WebSite {
  const { webmail, certificateAgent, authorityCertificate } = args;
  return {
    domains: args.domains,
    httpsPort: args.ports?.https ?? services.https.port,
    strictTransport: args.strictTransport,
    ownAuthority: authorityCertificate !== undefined,
    fingerprint: authorityCertificate && fingerprintOf(textOf(authorityCertificate, "")),
    webmail: webmail && { ...webmail, container: textOf(webmail.container, "webmail") },
    certificateAgent: certificateAgent && textOf(certificateAgent, "certificate-agent"),
    brand: args.brand,
  };
}

function publishedPorts(args: WebServerArgs): PublishedPort[] {
  return webServices.flatMap((service) => {
    const internal = services[service].port;
    const external = args.ports?.[service] ?? internal;
    return serviceAddresses(args, service).map((ip) => ({
      internal,
      external,
      ip,
      protocol: "tcp" as const,
    }));
  });
}
