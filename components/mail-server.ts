import * as pulumi from "@pulumi/pulumi";
import { imageResource, loginsResource } from "../naming/resources.ts";
import {
  type MailService,
  mailServices,
  openMailServices,
  proxiedBound,
  proxiedPort,
  serviceAddresses,
  services,
} from "../records/index.ts";
import { type ContainerLimits, defaultLimits } from "../servers/container-limits.ts";
import type { ImageBuild } from "../servers/image-build.ts";
import {
  DEFAULT_KEEP_REMOVED_MAIL_DAYS,
  type LoginLimits,
  type MailServerDescription,
  type ProxiedServices,
  type ResolverDescription,
  type ResolverZone,
} from "../servers/mail-server/description.ts";
import { DEFAULT_LOGIN_LIMITS } from "../servers/mail-server/login-limits.ts";
import {
  accountFiles,
  dkimKeyFile,
  mailServerNamedPair,
  mailServerPair,
  renderMailServer,
  trustAnchorsFile,
} from "../servers/mail-server/mail-server.ts";
import { type ConfigurationFileArgs, sealed } from "./configuration-volume.ts";
import { type ContainerSettings, containerSettings } from "./container-settings.ts";
import { type TlsCertificate, tlsPair } from "./issuer.ts";
import { filesFrom, type TextOf, textOrExample } from "./known-later.ts";
import { Logins } from "./logins.ts";
import type { MailDomain } from "./mail-domain.ts";
import { namesOf } from "./mailbox.ts";
import { type PublishedPort, placeServer, type ServerNodes } from "./server-container.ts";
import { createServerImage } from "./server-image.ts";
import { type CertificateSettings, certificateVolumes, namedPairFiles, pairsOf } from "./server-pairs.ts";

/** The host's ports by service, each 1 to 65535. @default the service's own, see `records/service.ts` */
export type MailServerPorts = Readonly<Partial<Record<MailService, number | undefined>>>;

/** Ports that load balancers reach by the PROXY protocol. */
export interface ProxyProtocolArgs {
  /** Networks and addresses of the balancers: what they say is believed. At least one. @example ["10.0.0.0/24"] */
  readonly from: readonly string[];
  /** The host's ports by service, at least one, each 1 to 65535. @example { smtp: 10025, imaps: 10993 } */
  readonly ports: MailServerPorts;
  /** The host's address on which they are opened. @default where each service is @example "10.0.0.5" */
  readonly address?: pulumi.Input<string> | undefined;
}

/** The host's addresses by service. @default all services are at one address */
export type MailServerAddresses = Readonly<Partial<Record<MailService, readonly pulumi.Input<string>[]>>>;

export interface MailServerArgs extends ContainerSettings, CertificateSettings {
  /** The server's own name, to which the domains' MX points. @example "mail.example.org" */
  readonly hostName: string;
  /** The domains that it serves; users of the first may log in by their bare user name. @example [domain] */
  readonly domains: readonly MailDomain[];
  /** Its key and certificate, for its own name and for clients that do not say whom they ask. */
  readonly certificate: TlsCertificate;
  /** The host's address on which it answers. @example "0.0.0.0" */
  readonly address: pulumi.Input<string>;
  /**
   * The host's addresses of services that it answers elsewhere, at least one each: `address` is for the others.
   *
   * @default all are at `address`
   * @example { imaps: ["10.0.0.5"], submissions: ["10.0.0.5", "192.0.2.25"] }
   */
  readonly addresses?: MailServerAddresses | undefined;
  /** The host's ports by service, each 1 to 65535. @default the service's own @example { imaps: 1993 } */
  readonly ports?: MailServerPorts | undefined;
  /**
   * Further ports for load balancers that say who their clients are (PROXY protocol, version 1 or 2): SPF, limits of logins and
   * logs know these. Whoever else connects there, or says nothing, is closed.
   *
   * @default there are none
   * @example { from: ["10.0.0.0/24"], ports: { smtp: 10025, imaps: 10993 } }
   */
  readonly proxyProtocol?: ProxyProtocolArgs | undefined;
  /** Whether 143 and 110 are open too, with STARTTLS required before a password. @default false */
  readonly legacyPorts?: boolean | undefined;
  /** Maximum message size, in bytes; 50 MiB by default. @default 52428800 */
  readonly messageSizeLimitBytes?: number | undefined;
  /** How many days the mail of a removed mailbox is kept, 0 to 3650. @default 30 */
  readonly keepRemovedMailDays?: number | undefined;
  /** How many wrong passwords per hour are tried for one login, and from one address. @default 100 each */
  readonly loginLimits?: LoginLimits | undefined;
  /**
   * The id of its image, where another server of this kind has built it.
   *
   * @default it is built here
   * @example other.image
   */
  readonly image?: pulumi.Input<string> | undefined;
  /** The day of its packages, and the image that it is built on. @default those of this version */
  readonly imageBuild?: ImageBuild | undefined;
  /**
   * The fixed address of the {@link Webmail} for its domains, IPv4: what it says of where people come from is believed,
   * and it may change their passwords when it knows them.
   *
   * @default there is none
   * @example "198.19.0.4"
   */
  readonly webmailAddress?: pulumi.Input<string> | undefined;
  /**
   * By which family it sends mail: the one whose address its reverse name and SPF know.
   *
   * @default by both, from whatever address the engine chooses
   * @example "ipv4"
   */
  readonly sendsBy?: "ipv4" | "ipv6" | undefined;
  /**
   * The zones that its resolver knows, where it is to know no others and nothing is to leave the machine (a lab).
   *
   * @default it asks the world's name servers from the root down
   * @example [{ zone: "example.org", nameServer: "198.19.0.2" }]
   */
  readonly sealedZones?: readonly SealedZone[] | undefined;
  /** Whether the mail stays on the engine when the stack is destroyed. @default true */
  readonly keepMail?: boolean | undefined;
  /** What its container may use of the host. @default `defaultLimits.mailServer` */
  readonly limits?: ContainerLimits | undefined;
}

/** A zone that a sealed resolver knows. */
export interface SealedZone {
  /** Lower case, A-labels. @example "example.org" */
  readonly zone: string;
  /** Where its name server is reached from the mail server, port 53. @example "198.19.0.2" */
  readonly nameServer: pulumi.Input<string>;
  /**
   * What the resolver validates it by (DS, RFC 4034 section 5).
   *
   * @default it is not signed
   * @example dns.localZones[0].ds
   */
  readonly ds?: pulumi.Input<string> | undefined;
}

/** Who may log in, and its volumes: the mail, Postfix's queue, and what Rspamd has learnt. */
export interface MailServerNodes extends ServerNodes<"mailboxes" | "queue" | "filter"> {
  readonly logins: Logins;
}

/**
 * A mail server (Postfix, Dovecot, Rspamd) in one container, for any number of domains. Users, aliases, keys
 * and certificates reach it by its configuration volume, so that a change of them interrupts nobody; only a
 * new image, port or limit replaces the container.
 *
 * ```ts
 * const server = new MailServer("mail-server", {
 *   hostName: "mail.example.org",
 *   domains: [domain],
 *   certificate,
 *   address: "0.0.0.0",
 * });
 * ```
 *
 * Creates the logins, the image, the configuration volume, the volumes for mailboxes, queue and filter, and
 * the container.
 */
export class MailServer extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The id of the configuration that the server is to serve. */
  readonly generation: pulumi.Output<string>;
  /** The id of its image on the engine. */
  readonly image: pulumi.Output<string>;
  /** The passwords in use, by address. A secret. */
  readonly passwords: pulumi.Output<Record<string, string>>;
  readonly #nodes: MailServerNodes;

  constructor(name: string, args: MailServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { keepMail = true } = args;
    super("maildomain:index:MailServer", name, shownSettings(args, keepMail), opts);
    const mailboxes = args.domains.flatMap((domain) => domain.mailboxes);
    const logins = new Logins(loginsResource(name), { mailboxes }, { parent: this });
    const image =
      args.image ?? createServerImage("mail-server", imageResource(name), args.imageBuild, { parent: this });
    const nodes = placeServer(this, name, {
      image,
      files: renderFiles(name, args, logins),
      volumes: volumesOf(keepMail),
      ports: publishedPorts(args),
      limits: args.limits ?? defaultLimits.mailServer,
      shared: certificateVolumes(args),
      ...containerSettings(args),
      capabilities: ["CHOWN", "DAC_OVERRIDE", "KILL", "SETGID", "SETUID", "SYS_CHROOT"],
      // Names of containers are the engine's to answer, unsigned; the server's own name is its zone's (DANE).
      hostname: "mail-server",
      resolution: { dns: ["127.0.0.1"], dnsSearches: ["."] },
      healthyWithinSeconds: 180,
    });
    this.#nodes = { ...nodes, logins };
    this.containerName = this.#nodes.container.name;
    this.generation = this.#nodes.configuration.generation;
    this.image = this.#nodes.imageId;
    this.passwords = logins.passwords;
    // `networkAddress` is here to be known also while there is no container.
    const { networkAddress } = args;
    const { containerName, generation, image: imageId } = this;
    this.registerOutputs({ containerName, generation, image: imageId, networkAddress });
  }

  /** Its resources, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): MailServerNodes {
    return this.#nodes;
  }
}

/**
 * What a review and policies see of the settings: its files are secret as a whole, and `retainOnDelete` is not among the inputs.
 */
function shownSettings(args: MailServerArgs, keepMail: boolean) {
  const { hostName, address, addresses } = args;
  const { keepRemovedMailDays, messageSizeLimitBytes, loginLimits, resolver } = describe(args, textOrExample);
  return {
    hostName,
    address,
    // Whoever has neither has the state that it had.
    addresses,
    proxyProtocol: args.proxyProtocol,
    keepMail,
    keepRemovedMailDays,
    messageSizeLimitBytes,
    loginLimits,
    isSealed: resolver.kind === "sealed",
  };
}

function describe(args: MailServerArgs, textOf: TextOf): MailServerDescription {
  const { webmailAddress, sealedZones } = args;
  return {
    hostName: args.hostName,
    domains: args.domains.map((domain) => domain.hosted),
    names: namesOf(
      args.domains.flatMap(({ mailboxes }) => mailboxes),
      textOf,
    ),
    messageSizeLimitBytes: args.messageSizeLimitBytes ?? 50 * 2 ** 20,
    legacyPorts: args.legacyPorts ?? false,
    keepRemovedMailDays: args.keepRemovedMailDays ?? DEFAULT_KEEP_REMOVED_MAIL_DAYS,
    loginLimits: args.loginLimits ?? DEFAULT_LOGIN_LIMITS,
    memoryBytes: args.limits?.memoryBytes,
    webmailAddress: webmailAddress && textOf(webmailAddress, exampleAddress),
    sendsBy: args.sendsBy,
    proxied: describeProxied(args),
    resolver: describeResolver(sealedZones, textOf),
  };
}

function describeProxied({ proxyProtocol }: MailServerArgs): ProxiedServices | undefined {
  if (proxyProtocol === undefined) return undefined;
  const { from, ports } = proxyProtocol;
  return { from, services: mailServices.filter((service) => ports[service] !== undefined) };
}

/** Of those that are for documentation (RFC 5737). */
const exampleAddress = "192.0.2.1";

function describeResolver(zones: readonly SealedZone[] | undefined, textOf: TextOf): ResolverDescription {
  if (zones === undefined) return { kind: "recursive" };
  return { kind: "sealed", zones: zones.map((zone) => resolverZone(zone, textOf)) };
}

function resolverZone({ zone, nameServer, ds }: SealedZone, textOf: TextOf): ResolverZone {
  return { name: zone, nameServers: [textOf(nameServer, exampleAddress)], signed: ds !== undefined };
}

/** The complete generation: what is plain stays readable in a preview, the secrets are added to it. */
function renderFiles(name: string, args: MailServerArgs, logins: Logins): ConfigurationFileArgs[] {
  const pairs = pairsOf(name, [args.hostName], args);
  return [
    ...filesFrom((textOf) => renderMailServer({ ...describe(args, textOf), pairs })),
    ...sealed(accountFiles(describe(args, textOrExample)), logins.hashes),
    ...sealed([mailServerPair], tlsPair(args.certificate)),
    ...namedPairFiles(args, mailServerNamedPair),
    ...trustAnchors(args.sealedZones),
    ...args.domains.flatMap(({ domain, signingKeys }) =>
      signingKeys.flatMap(({ selector, privateKey }) => sealed([dkimKeyFile(domain, selector)], privateKey)),
    ),
  ];
}

/** What a sealed resolver validates by; a recursive one has the root's key from Debian. */
function trustAnchors(zones: readonly SealedZone[] = []): ConfigurationFileArgs[] {
  if (zones.every(({ ds }) => ds === undefined)) return [];
  const anchors = Object.fromEntries(zones.map(({ zone, ds }) => [zone, ds === undefined ? [] : [ds]]));
  return sealed(
    [trustAnchorsFile(zones.map((zone) => resolverZone(zone, textOrExample)))],
    pulumi.output(anchors),
  );
}

/** What the server keeps. What Rspamd has learnt is rebuilt from the mail. */
function volumesOf(keepMail: boolean) {
  return {
    mailboxes: { path: "/var/mail/v", keep: keepMail },
    queue: { path: "/var/spool/postfix", keep: keepMail },
    filter: { path: "/var/lib/rspamd" },
  };
}

function publishedPorts(args: MailServerArgs): PublishedPort[] {
  const { ports = {}, legacyPorts = false } = args;
  const own = openMailServices(legacyPorts).flatMap((service) =>
    serviceAddresses(args, service).map((ip) => ({
      internal: services[service].port,
      external: ports[service] ?? services[service].port,
      ip,
      protocol: "tcp" as const,
    })),
  );
  return [...own, ...proxiedPorts(args)];
}

function proxiedPorts(args: MailServerArgs): PublishedPort[] {
  const { ports = {}, address } = args.proxyProtocol ?? {};
  const bound = proxiedBound(args, address);
  return mailServices.flatMap((service) => {
    const external = ports[service];
    if (external === undefined) return [];
    return serviceAddresses(bound, service).map((ip) => ({
      internal: proxiedPort(service),
      external,
      ip,
      protocol: "tcp" as const,
    }));
  });
}
