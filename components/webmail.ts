import * as pulumi from "@pulumi/pulumi";
import type { Brand } from "../clients/brand.ts";
import { imageResource, sessionKeyResource } from "../naming/resources.ts";
import { GeneratedSecret } from "../provider/resources.ts";
import { type ContainerLimits, defaultLimits } from "../servers/container-limits.ts";
import type { ImageBuild } from "../servers/image-build.ts";
import {
  renderWebmail,
  WEBMAIL_AUTHORITY,
  type WebmailDescription,
  webmailKeyFile,
} from "../servers/webmail/webmail.ts";
import { type ConfigurationFileArgs, sealed } from "./configuration-volume.ts";
import { type ContainerSettings, containerSettings } from "./container-settings.ts";
import { filesFrom, type TextOf } from "./known-later.ts";
import type { MailDomain } from "./mail-domain.ts";
import { namesOf } from "./mailbox.ts";
import { placeServer, type ServerNodes } from "./server-container.ts";
import { createServerImage } from "./server-image.ts";

/** A mail server that webmail is for. */
export interface WebmailServerArgs {
  /** Its own name, which its certificate has. @example "mail.example.org" */
  readonly hostName: string;
  /** Its container's name, by which the engine finds it in their network. @example server.containerName */
  readonly container: pulumi.Input<string>;
  /** Those of its domains that have webmail. @example [{ domain, webmailHost: "webmail.example.org" }] */
  readonly domains: readonly WebmailDomainArgs[];
}

export interface WebmailDomainArgs {
  /** The domain, whose users log in. */
  readonly domain: MailDomain;
  /** The name under which people find webmail. @example "webmail.example.org" */
  readonly webmailHost: string;
  /** Where the set-up page is, to which the login leads. @default nowhere @example "https://mail.example.org/" */
  readonly pageUrl?: string | undefined;
}

export interface WebmailArgs extends ContainerSettings {
  /**
   * At least one; each has `webmailAddress` set to this one's `networkAddress`.
   *
   * @example [{ hostName, container: server.containerName, domains: [{ domain, webmailHost }] }]
   */
  readonly servers: readonly WebmailServerArgs[];
  /**
   * The authority of the servers' certificates, PEM.
   *
   * @default one that Debian knows
   * @example certificate.authorityCertificate
   */
  readonly authorityCertificate?: pulumi.Input<string> | undefined;
  /** The largest message that the servers take, in bytes; 50 MiB by default. @default 52428800 */
  readonly messageSizeLimitBytes?: number | undefined;
  /** The day of its packages, and the image that it is built on. @default those of this version */
  readonly imageBuild?: ImageBuild | undefined;
  /** The Docker network of the servers and of the web server before it. @example network.name */
  readonly network: pulumi.Input<string>;
  /**
   * The web server's fixed address there, the only one that it answers.
   *
   * @default it answers everybody there
   * @example "198.19.0.5"
   */
  readonly webServerAddress?: pulumi.Input<string> | undefined;
  /** Whether address books, identities and settings stay on the engine when the stack is destroyed. @default true */
  readonly keepData?: boolean | undefined;
  /** What the login looks like. @default each domain's own name */
  readonly brand?: Brand | undefined;
  /** What its container may use of the host. @default `defaultLimits.webmail` */
  readonly limits?: ContainerLimits | undefined;
}

/** The key of its sessions, and the volume of its database. */
export interface WebmailNodes extends ServerNodes<"database"> {
  readonly key: GeneratedSecret;
}

/**
 * Webmail (Roundcube) for the domains of any number of mail servers, behind a {@link WebServer} and with no port of its
 * own. Users log in as they do in any client; their rules and passwords are the mail server's.
 *
 * ```ts
 * new Webmail("webmail", {
 *   servers: [
 *     {
 *       hostName: "mail.example.org",
 *       container: dockerName("mail-server"),
 *       domains: [{ domain, webmailHost: "webmail.example.org" }],
 *     },
 *   ],
 *   network: network.name,
 * });
 * ```
 *
 * Creates the image, the key of its sessions, the configuration volume, a volume for its database, and the container.
 */
export class Webmail extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The id of the configuration that it is to serve. */
  readonly generation: pulumi.Output<string>;
  readonly #nodes: WebmailNodes;

  constructor(name: string, args: WebmailArgs, opts?: pulumi.ComponentResourceOptions) {
    const { keepData = true } = args;
    // For policies to see, which `retainOnDelete` is not.
    super("maildomain:index:Webmail", name, { keepData }, opts);
    const key = new GeneratedSecret(sessionKeyResource(name), { length: 32 }, { parent: this });
    const nodes = placeServer(this, name, {
      image: createServerImage("webmail", imageResource(name), args.imageBuild, { parent: this }),
      files: renderFiles(args, key),
      volumes: { database: { path: "/var/lib/webmail", keep: keepData } },
      limits: args.limits ?? defaultLimits.webmail,
      ...containerSettings(args),
    });
    this.#nodes = { ...nodes, key };
    this.containerName = this.#nodes.container.name;
    this.generation = this.#nodes.configuration.generation;
    this.registerOutputs({ containerName: this.containerName, generation: this.generation });
  }

  /** Its resources, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): WebmailNodes {
    return this.#nodes;
  }
}

function describe(args: WebmailArgs, textOf: TextOf): WebmailDescription {
  const { webServerAddress } = args;
  return {
    servers: args.servers.map(({ hostName, container, domains }) => ({
      hostName,
      place: textOf(container, "mail-server"),
      domains: domains.map(({ domain, webmailHost, pageUrl }) => ({
        hosted: domain.hosted,
        webmailHost,
        pageUrl,
        names: namesOf(domain.mailboxes, textOf),
      })),
    })),
    ownAuthority: args.authorityCertificate !== undefined,
    messageSizeLimitBytes: args.messageSizeLimitBytes ?? 50 * 2 ** 20,
    webServerAddress: webServerAddress && textOf(webServerAddress, "192.0.2.1"),
    brand: args.brand,
  };
}

/** The complete generation. */
function renderFiles(args: WebmailArgs, key: GeneratedSecret): ConfigurationFileArgs[] {
  const { authorityCertificate } = args;
  return [
    ...filesFrom((textOf) => renderWebmail(describe(args, textOf))),
    ...sealed([webmailKeyFile], key.secret),
    ...(authorityCertificate === undefined
      ? []
      : [{ path: WEBMAIL_AUTHORITY, content: authorityCertificate }]),
  ];
}
