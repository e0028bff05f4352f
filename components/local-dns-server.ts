import * as pulumi from "@pulumi/pulumi";
import { imageResource } from "../naming/resources.ts";
import type { ServedZone } from "../publishers/publisher.ts";
import { services } from "../records/index.ts";
import { type ContainerLimits, defaultLimits } from "../servers/container-limits.ts";
import {
  type Reach,
  renderKnotConfiguration,
  updateKeyFile,
  zoneKeyFile,
  zoneTextPath,
} from "../servers/dns-server/knot.ts";
import type { ImageBuild } from "../servers/image-build.ts";
import { type ConfigurationFileArgs, sealed } from "./configuration-volume.ts";
import { type ContainerSettings, containerSettings } from "./container-settings.ts";
import { type PublishedPort, placeServer, type ServerNodes } from "./server-container.ts";
import { createServerImage } from "./server-image.ts";

export interface LocalDnsServerArgs extends ContainerSettings {
  /** The zones that it serves. @example dns.localZones */
  readonly zones: readonly ServedZone[];
  /** The host's address on which it answers. @default none: only containers of its network reach it @example "127.0.0.1" */
  readonly address?: pulumi.Input<string> | undefined;
  /**
   * The host's addresses on which it answers, where they are several. Excludes `address`.
   *
   * @default `address` alone
   * @example ["192.0.2.25", "10.0.0.5"]
   */
  readonly addresses?: readonly pulumi.Input<string>[] | undefined;
  /** The port on which it answers, UDP and TCP. @default 53 @example 5353 */
  readonly port?: number | undefined;
  /**
   * What serves the MTA-STS policies: no zone announces one before it is served (RFC 8461 section 3.3).
   *
   * @default there is no policy
   */
  readonly policyServer?: pulumi.Resource | undefined;
  /**
   * The id of its image, where another server of this kind has built it.
   *
   * @default it is built here
   * @example other.image
   */
  readonly image?: pulumi.Input<string> | undefined;
  /** The day of its packages, and the image that it is built on. @default those of this version */
  readonly imageBuild?: ImageBuild | undefined;
  /** What its container may use of the host. @default `defaultLimits.dnsServer` */
  readonly limits?: ContainerLimits | undefined;
}

/**
 * The stack's own authoritative name server (Knot), which serves any number of zones. A changed zone reaches
 * it by its configuration volume: nothing restarts.
 *
 * ```ts
 * new LocalDnsServer("dns-server", { zones: dns.localZones, address: "127.0.0.1" });
 * ```
 *
 * Creates the image, the configuration volume, a volume for the zones' journals, and the container.
 */
export class LocalDnsServer extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The id of the configuration that the server is to serve. */
  readonly generation: pulumi.Output<string>;
  /** The id of its image on the engine. */
  readonly image: pulumi.Output<string>;
  readonly #nodes: ServerNodes<"journal">;

  constructor(name: string, args: LocalDnsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:LocalDnsServer", name, shownSettings(args), opts);
    this.#nodes = placeServer(this, name, {
      image:
        args.image ?? createServerImage("dns-server", imageResource(name), args.imageBuild, { parent: this }),
      files: renderFiles(args.zones, placesOf(args).length === 0 ? "own network" : "anyone"),
      after: args.policyServer === undefined ? [] : [args.policyServer],
      volumes: { journal: { path: "/var/lib/knot" } },
      ports: publishedPorts(args),
      limits: args.limits ?? defaultLimits.dnsServer,
      ...containerSettings(args),
    });
    this.containerName = this.#nodes.container.name;
    this.generation = this.#nodes.configuration.generation;
    this.image = this.#nodes.imageId;
    const { containerName, generation, image } = this;
    this.registerOutputs({ containerName, generation, image });
  }

  /** Its resources, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): ServerNodes<"journal"> {
    return this.#nodes;
  }
}

/** Which files exist follows from the zones' names; only their text and keys may be known later. */
function renderFiles(zones: readonly ServedZone[], reach: Reach): ConfigurationFileArgs[] {
  return [
    ...renderKnotConfiguration(
      zones.map(({ zone, signingKey, updateKey }) => ({
        origin: zone,
        signed: signingKey !== undefined,
        updated: updateKey !== undefined,
      })),
      reach,
    ),
    ...zones.map(({ zone, text }) => ({ path: zoneTextPath(zone), content: text })),
    ...zones.flatMap(({ zone, signingKey }) =>
      signingKey === undefined ? [] : sealed([zoneKeyFile(zone)], signingKey),
    ),
    ...zones.flatMap(({ zone, updateKey }) =>
      updateKey === undefined ? [] : sealed([updateKeyFile(zone)], updateKey),
    ),
  ];
}

/** For a review to see, as its files are secret as a whole. */
function shownSettings({ address, addresses, port }: LocalDnsServerArgs) {
  return { address, addresses, port };
}

function placesOf({ address, addresses }: LocalDnsServerArgs): readonly pulumi.Input<string>[] {
  return addresses ?? (address === undefined ? [] : [address]);
}

function publishedPorts(args: LocalDnsServerArgs): PublishedPort[] {
  const { port: internal, transports } = services.dns;
  const external = args.port ?? internal;
  return transports.flatMap((protocol) => placesOf(args).map((ip) => ({ internal, external, ip, protocol })));
}
