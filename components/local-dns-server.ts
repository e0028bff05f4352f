import { Container } from "@pulumi/docker/container.js";
import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import {
  configurationName,
  containerResource,
  imageResource,
  VolumeUse,
  volumeName,
} from "../naming/resources.ts";
import type { ServedZone } from "../publishers/publisher.ts";
import { services } from "../records/index.ts";
import { renderKnot, zoneKeyFile } from "../servers/dns-server/knot.ts";
import {
  type ConfigurationFileArgs,
  ConfigurationVolume,
  configurationPath,
} from "./configuration-volume.ts";
import { confined } from "./confinement.ts";
import { dockerName } from "./docker-name.ts";
import { joined } from "./joined-network.ts";
import { imageOf } from "./server-image.ts";

export interface LocalDnsServerArgs {
  /** The zones that it serves. */
  readonly zones: readonly ServedZone[];
  /** The host's address on which it answers. @default none: only containers of its network reach it @example "127.0.0.1" */
  readonly address?: string | undefined;
  /** The port on which it answers, UDP and TCP. @default 53 */
  readonly port?: number | undefined;
  /**
   * What serves the MTA-STS policies: no zone tells of one before it is served (RFC 8461 section 3.3).
   *
   * @default there is no policy
   */
  readonly policyServer?: pulumi.Resource | undefined;
  /** The id of its image, where another server of this kind has built it. @default it is built here */
  readonly image?: pulumi.Input<string> | undefined;
  /** The Docker network that it joins. @default the engine's default bridge */
  readonly network?: pulumi.Input<string> | undefined;
  /** Its fixed address in that network, IPv4. @default the engine's choice */
  readonly networkAddress?: string | undefined;
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

  constructor(name: string, args: LocalDnsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:LocalDnsServer", name, { address: args.address, port: args.port }, opts);
    this.image = imageOf("dns-server", imageResource(name), args.image, { parent: this });
    const files = renderFiles(args.zones);
    const configuration = new ConfigurationVolume(
      configurationName(name),
      { image: this.image, files },
      { parent: this, dependsOn: args.policyServer === undefined ? [] : [args.policyServer] },
    );
    const journalName = volumeName(name, VolumeUse.journal);
    const journal = new Volume(journalName, { name: dockerName(journalName) }, { parent: this });
    const container = createContainer(this, name, args, this.image, configuration, journal);
    this.containerName = container.name;
    this.generation = configuration.generation;
    this.registerOutputs({ containerName: this.containerName, generation: this.generation });
  }
}

/** Which files there are follows from the zones' names; only their text and keys may be known later. */
function renderFiles(zones: readonly ServedZone[]): ConfigurationFileArgs[] {
  const texts = new Map(zones.map(({ zone, text }) => [`zones/${zone}.zone`, text]));
  const files = renderKnot(
    zones.map(({ zone, signingKey }) => ({ origin: zone, text: "", signed: signingKey !== undefined })),
  );
  const keys = zones.flatMap(({ zone, signingKey }) =>
    signingKey === undefined ? [] : [{ path: zoneKeyFile(zone, "").path, content: signingKey }],
  );
  return [...files.map(({ path, content }) => ({ path, content: texts.get(path) ?? content })), ...keys];
}

function createContainer(
  parent: pulumi.Resource,
  name: string,
  args: LocalDnsServerArgs,
  image: pulumi.Input<string>,
  configuration: ConfigurationVolume,
  journal: Volume,
): Container {
  const { address: ip } = args;
  const { port: internal, transports } = services.dns;
  const ports =
    ip === undefined
      ? []
      : transports.map((protocol) => ({ internal, external: args.port ?? internal, ip, protocol }));
  return new Container(
    containerResource(name),
    {
      name: dockerName(name),
      image,
      hostname: name,
      ports,
      ...joined(args.network, args.networkAddress),
      volumes: [
        { volumeName: configuration.volumeName, containerPath: configurationPath, readOnly: true },
        { volumeName: journal.name, containerPath: "/var/lib/knot" },
      ],
      ...confined([]),
      restart: "unless-stopped",
      wait: true,
      waitTimeout: 120,
    },
    { parent, deleteBeforeReplace: true, dependsOn: [configuration] },
  );
}
