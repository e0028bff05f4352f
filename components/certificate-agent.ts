import * as pulumi from "@pulumi/pulumi";
import { imageResource } from "../naming/resources.ts";
import { directoryUrl, services } from "../records/index.ts";
import {
  ACCOUNT_KEY,
  type CertificateAgentDescription,
  EXTERNAL_ACCOUNT,
  renderCertificateAgent,
  requestPath,
  ZONE_CREDENTIAL,
} from "../servers/certificate-agent/certificate-agent.ts";
import { type ContainerLimits, defaultLimits } from "../servers/container-limits.ts";
import { CERTIFICATES } from "../servers/generation/container-paths.ts";
import type { ImageBuild } from "../servers/image-build.ts";
import type { ConfigurationFileArgs } from "./configuration-volume.ts";
import { type ContainerSettings, containerSettings } from "./container-settings.ts";
import { type PublishedPort, placeServer, type ServerNodes } from "./server-container.ts";
import { createServerImage } from "./server-image.ts";

/** A certificate to be ordered. */
export interface CertificateOrderArgs {
  /** The pair that it is for, which servers know it by. @example "mail-server" */
  readonly name: string;
  /** The names that it is for; the same as in its request. @example ["mail.example.org"] */
  readonly hostNames: readonly string[];
  /** The request (PKCS #10), PEM, signed by the pair's key. @example certificate.request */
  readonly request: pulumi.Input<string>;
  /** Whether others may have the key before this one: the reason for which its certificate is revoked. @default false */
  readonly formerKeyLeaked?: boolean | undefined;
}

/** Reports by mail, without a login: the server has to accept mail for these addresses from anybody. */
export interface ReportMailArgs {
  /** Addresses of domains of that server. @example ["postmaster@example.org"] */
  readonly to: readonly string[];
  /** The mail server as containers of the network reach it, `host:port`. @example "maildomain-lab-mail-server:25" */
  readonly server: string;
  /** By what people know the stack. @example "mail.example.org" */
  readonly hostName: string;
}

/** A zone that holds nothing but the proofs of names (RFC 8555 section 8.4), and what changes it. */
export interface ChallengeZoneArgs {
  /** Its apex. @example "acme.example.net" */
  readonly zone: string;
  /** Its primary name server, `host:port` (RFC 2136). @default Cloudflare's API changes the zone @example "ns1.example.net:53" */
  readonly server?: string | undefined;
  /** Whether that one is a {@link LocalDnsServer} of the same program, the only one of the zone. @default false @example true */
  readonly isOwnServer?: boolean | undefined;
  /** The key that signs changes (TSIG, RFC 8945), its secret in base64. @default `cloudflare` @example key */
  readonly tsig?:
    | pulumi.Input<{ readonly name: string; readonly algorithm: string; readonly secret: string }>
    | undefined;
  /** The token of Cloudflare's API, for this zone alone. @default `tsig` @example { token } */
  readonly cloudflare?: { readonly token: pulumi.Input<string> } | undefined;
}

export interface CertificateAgentArgs extends ContainerSettings {
  /** The certificates that it orders and renews. @example [{ name: "mail-server", hostNames, request }] */
  readonly orders: readonly CertificateOrderArgs[];
  /** The authority: `letsencrypt`, `staging`, `zerossl`, `google`, or the URL of a directory. @example "letsencrypt" */
  readonly directory: string;
  /** The account's key, PEM of PKCS#8. Kept as a secret. @example account.privateKey */
  readonly accountKey: pulumi.Input<string>;
  /**
   * The account elsewhere that it belongs to, in case it has to be opened again. Kept as a secret.
   *
   * @default none
   * @example { keyId: "kid-1", hmacKey: config.requireSecret("hmacKey") }
   */
  readonly externalAccount?:
    | { readonly keyId: pulumi.Input<string>; readonly hmacKey: pulumi.Input<string> }
    | undefined;
  /** The mail addresses at which the authority reaches you. @default [] @example ["hostmaster@example.org"] */
  readonly contact?: readonly string[] | undefined;
  /** The kind of certificate. @default the authority's usual one @example "shortlived" */
  readonly profile?: string | undefined;
  /**
   * Further roots to trust when the directory is asked, PEM.
   *
   * @default public roots alone
   * @example readFileSync("root.pem", "utf8")
   */
  readonly roots?: string | undefined;
  /**
   * Whom it asks for CAA records, as `address:port`.
   *
   * @default its container's resolver
   * @example "198.19.0.2:53"
   */
  readonly resolver?: string | undefined;
  /** Proves names in the DNS. @default on port 80 @example { zone: "acme.example.net", server: "ns1.example.net:53", tsig: key } */
  readonly dns?: ChallengeZoneArgs | undefined;
  /**
   * Has names proved by TXT records that stay (DNS-PERSIST-01): `proofs` of each {@link MailDomain}'s `certificates` and
   * `persistentProof` of a server publish them. Excludes `dns`.
   *
   * @default false
   * @example true
   */
  readonly dnsPersist?: boolean | undefined;
  /** Who gets reports of failures by mail, and from which server. @default nobody @example { to, server, hostName } */
  readonly mail?: ReportMailArgs | undefined;
  /** Where failures are reported, a URL. @default nowhere @example "https://alerts.example.org/hooks/certificates" */
  readonly webhook?: string | undefined;
  /** The volume on which it leaves the chains; servers have it as `certificatesVolume`. @example volume.name */
  readonly certificatesVolume: pulumi.Input<string>;
  /**
   * The host's addresses on whose port 80 it answers; none where a {@link WebServer} passes challenges on to it.
   *
   * @default []
   * @example ["0.0.0.0"]
   */
  readonly addresses?: readonly pulumi.Input<string>[] | undefined;
  /** The host's port for HTTP, 1 to 65535. Authorities ask on 80 alone (RFC 8555 section 8.3). @default 80 @example 8080 */
  readonly port?: number | undefined;
  /** The host's port for HTTPS, to which everything but challenges is sent on. @default 443 @example 8443 */
  readonly httpsPort?: number | undefined;
  /** What must be there before it orders: those who answer for the names. @default [] @example [dnsServer, webServer] */
  readonly after?: readonly pulumi.Resource[] | undefined;
  /** The day of its packages, and the image that it is built on. @default those of this version */
  readonly imageBuild?: ImageBuild | undefined;
  /** What its container may use of the host. @default `defaultLimits.certificateAgent` */
  readonly limits?: ContainerLimits | undefined;
}

/**
 * Orders certificates from an authority by ACME (RFC 8555), answers its challenges on port 80 or in the DNS, and renews them. It has
 * requests and no server's key; each chain goes to a volume from which the servers take it.
 *
 * ```ts
 * new CertificateAgent("certificate-agent", {
 *   orders: [{ name: "mail-server", hostNames: ["mail.example.org"], request: certificate.request }],
 *   directory: "letsencrypt",
 *   accountKey: account.privateKey,
 *   certificatesVolume: volume.name,
 *   addresses: ["0.0.0.0"],
 * });
 * ```
 *
 * Creates the image, the configuration volume and the container.
 */
export class CertificateAgent extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The id of the configuration that it is to serve. */
  readonly generation: pulumi.Output<string>;
  readonly #nodes: ServerNodes;

  constructor(name: string, args: CertificateAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    // For a review to see, as its files are secret as a whole.
    const { directory, orders } = args;
    const shown = orders.map(({ name: order, hostNames }) => [order, [...hostNames]]);
    const { profile, dns, dnsPersist } = args;
    const challengeZone = dns?.zone;
    const seen = {
      directory: directoryUrl(directory),
      orders: Object.fromEntries(shown),
      profile,
      challengeZone,
      // Whoever does without has the state that it had.
      dnsPersist: dnsPersist === true ? true : undefined,
    };
    super("maildomain:index:CertificateAgent", name, seen, opts);
    this.#nodes = placeServer(this, name, {
      image: createServerImage("certificate-agent", imageResource(name), args.imageBuild, { parent: this }),
      files: renderFiles(args),
      after: args.after,
      shared: [{ volume: args.certificatesVolume, path: CERTIFICATES, readOnly: false }],
      ports: publishedPorts(args),
      limits: args.limits ?? defaultLimits.certificateAgent,
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

/** The complete generation. */
function renderFiles(args: CertificateAgentArgs): ConfigurationFileArgs[] {
  const { orders, accountKey, externalAccount, dns } = args;
  return [
    ...renderCertificateAgent(describe(args)),
    ...orders.map(({ name, request }) => ({ path: requestPath(name), content: request })),
    { path: ACCOUNT_KEY, content: pulumi.secret(accountKey) },
    ...(externalAccount === undefined
      ? []
      : [{ path: EXTERNAL_ACCOUNT, content: pulumi.secret(pulumi.jsonStringify(externalAccount)) }]),
    ...(dns === undefined
      ? []
      : [{ path: ZONE_CREDENTIAL, content: pulumi.secret(pulumi.jsonStringify(credentialOf(dns))) }]),
  ];
}

function credentialOf({ tsig, cloudflare }: ChallengeZoneArgs): object {
  return cloudflare === undefined ? { tsig } : { token: cloudflare.token };
}

function describe(args: CertificateAgentArgs): CertificateAgentDescription {
  const {
    directory,
    contact = [],
    profile,
    roots,
    resolver,
    httpsPort,
    webhook,
    mail,
    orders,
    dns,
    dnsPersist,
  } = args;
  return {
    directory: directoryUrl(directory),
    contact,
    profile,
    roots,
    resolver,
    redirectPort: httpsPort ?? services.https.port,
    dns,
    dnsPersist,
    mail,
    webhook,
    orders,
  };
}

function publishedPorts({ addresses = [], port }: CertificateAgentArgs): PublishedPort[] {
  const internal = services.http.port;
  return addresses.map((ip) => ({ internal, external: port ?? internal, ip, protocol: "tcp" }));
}
