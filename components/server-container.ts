import { Container } from "@pulumi/docker/container.js";
import type { RemoteImage } from "@pulumi/docker/remoteImage.js";
import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { configurationName, containerResource, VolumeUse, volumeName } from "../naming/resources.ts";
import { boundAddresses } from "../records/index.ts";
import type { ContainerLimits } from "../servers/container-limits.ts";
import { CONFIGURATION } from "../servers/generation/container-paths.ts";
import { type ConfigurationFileArgs, ConfigurationVolume } from "./configuration-volume.ts";
import { confined } from "./confinement.ts";
import type { ContainerSettings } from "./container-settings.ts";
import { dockerName } from "./docker-name.ts";
import { identified } from "./identified.ts";
import { joined } from "./joined-network.ts";
import { limited } from "./limited.ts";
import { logged } from "./logged.ts";
import type { BoundPort } from "./rollout.ts";

/** Where an image keeps the generation that it served last, for a start with one that it cannot use. */
const lastKnownGoodPath = "/last-known-good";

/** How long a server has to end its sessions in good order. Three seconds are enough (images/README.md) on a quiet machine. */
const destroyGraceSeconds = 10;

/** What one kind of server needs of its container; whatever all of them share is not an argument. */
export interface ServerContainerArgs<VolumeName extends VolumeUse> extends ContainerSettings {
  /** Its image, or the id of one that has been built already. */
  readonly image: RemoteImage | pulumi.Input<string>;
  /** Its complete generation. */
  readonly files: readonly ConfigurationFileArgs[];
  /** What must exist before its configuration reaches it. */
  readonly after?: readonly pulumi.Resource[] | undefined;
  /** What it may use of the host. */
  readonly limits: ContainerLimits;
  /** What it keeps, each on a volume of its own. @default nothing */
  readonly volumes?: Readonly<Record<VolumeName, ServerVolumeArgs>> | undefined;
  /** Volumes that it shares with other servers. @default none */
  readonly shared?: readonly SharedVolume[] | undefined;
  /** @default it can be reached in its network only */
  readonly ports?: readonly PublishedPort[] | undefined;
  /** What it may do beyond what an ordinary user may, without `CAP_`. @default nothing */
  readonly capabilities?: readonly string[] | undefined;
  /** @default its name */
  readonly hostname?: string | undefined;
  /** The resolvers and search domains of its programs. @default the engine's */
  readonly resolution?: { readonly dns: string[]; readonly dnsSearches: string[] } | undefined;
  /** How long it may take to become healthy. @default 120 */
  readonly healthyWithinSeconds?: number | undefined;
}

export interface ServerVolumeArgs {
  /** Where the container has it. @example "/var/mail/v" */
  readonly path: string;
  /** Whether it stays on the engine when the stack is destroyed. @default false */
  readonly keep?: boolean | undefined;
}

/** A volume that several servers have. */
export interface SharedVolume {
  /** Its name on the engine. */
  readonly volume: pulumi.Input<string>;
  /** Where the container has it. @example "/var/lib/certificates" */
  readonly path: string;
  /** Whether it may only be read there. */
  readonly readOnly: boolean;
}

/** A port of the host that leads into a container. */
export interface PublishedPort {
  readonly internal: number;
  readonly external: number;
  /** The host's address; `::` is every one of both families. */
  readonly ip: pulumi.Input<string>;
  readonly protocol: "tcp" | "udp";
}

/**
 * The resources of a server, for what its component has no argument for: a backup of a volume, a label on a
 * container. They may change from one version to the next without notice.
 */
export interface ServerNodes<VolumeName extends VolumeUse = never> {
  /** Undefined where another server has built it. */
  readonly image: RemoteImage | undefined;
  /** The id of its image on the engine. */
  readonly imageId: pulumi.Output<string>;
  readonly configuration: ConfigurationVolume;
  readonly volumes: Readonly<Record<VolumeName, Volume>>;
  /** The one of {@link VolumeUse.lastKnownGood}. */
  readonly lastKnownGood: Volume;
  readonly container: Container;
}

/**
 * Places a server on the engine: its configuration volume, its own volumes, that of its last known good configuration, and
 * the container, which is confined, started again when it stops, and waited for until it is healthy.
 *
 * @param parent - the component that these resources belong to.
 * @param name - the component's name; the resources' names begin with it.
 */
export function placeServer<VolumeName extends VolumeUse = never>(
  parent: pulumi.Resource,
  name: string,
  args: ServerContainerArgs<VolumeName>,
): ServerNodes<VolumeName> {
  const { image, files, after = [], capabilities = [], rollout } = args;
  const built = pulumi.Resource.isInstance(image) ? image : undefined;
  const imageId = built?.imageId ?? pulumi.output(image as pulumi.Input<string>);
  const volume = dockerName(configurationName(name));
  const configuration = new ConfigurationVolume(
    configurationName(name),
    {
      image: imageId,
      files,
      engineIdentity: args.engineIdentity,
      dockerHost: args.dockerHost,
      container: dockerName(name),
      waitFor:
        rollout &&
        ((generation) => rollout.enter({ name, volume, capabilities, image: imageId, generation })),
    },
    { parent, dependsOn: [...after] },
  );
  const volumes = createVolumes(parent, name, args.volumes);
  const lastKnownGood = createVolume(parent, volumeName(name, VolumeUse.lastKnownGood));
  const container = createContainer(parent, name, args, imageId, { configuration, volumes, lastKnownGood });
  rollout?.leave({ name }, container);
  return { image: built, imageId, configuration, volumes, lastKnownGood, container };
}

function createVolumes<VolumeName extends VolumeUse>(
  parent: pulumi.Resource,
  name: string,
  volumes: Readonly<Record<VolumeName, ServerVolumeArgs>> | undefined,
): Record<VolumeName, Volume> {
  const created = entriesOf(volumes).map(([use, { keep = false }]) => {
    return [use, createVolume(parent, volumeName(name, use), keep)];
  });
  return Object.fromEntries(created) as Record<VolumeName, Volume>;
}

function createVolume(parent: pulumi.Resource, resource: string, keep = false): Volume {
  return new Volume(resource, { name: dockerName(resource) }, { parent, retainOnDelete: keep });
}

/** What a server's container has of volumes. */
type Mounts<VolumeName extends VolumeUse> = Pick<
  ServerNodes<VolumeName>,
  "configuration" | "volumes" | "lastKnownGood"
>;

function createContainer<VolumeName extends VolumeUse>(
  parent: pulumi.Resource,
  name: string,
  args: ServerContainerArgs<VolumeName>,
  image: pulumi.Input<string>,
  { configuration, volumes, lastKnownGood }: Mounts<VolumeName>,
): Container {
  const { ports } = args;
  const listed = args.rollout?.portsOf({ name }) ?? [];
  return new Container(
    containerResource(name),
    {
      name: dockerName(name),
      image,
      ...identified(args.engineIdentity),
      ...logged(args.logs),
      hostname: args.hostname ?? name,
      ...args.resolution,
      ...(ports === undefined ? {} : { ports: boundPorts(ports, listed) }),
      ...joined(args.network, args.networkAddress),
      ...limited(args.limits),
      volumes: [
        { volumeName: configuration.volumeName, containerPath: CONFIGURATION, readOnly: true },
        ...entriesOf(args.volumes).map(([use, { path }]) => ({
          volumeName: volumes[use].name,
          containerPath: path,
        })),
        { volumeName: lastKnownGood.name, containerPath: lastKnownGoodPath },
        ...(args.shared ?? []).map(({ volume, path, readOnly }) => ({
          volumeName: volume,
          containerPath: path,
          readOnly,
        })),
      ],
      ...confined(args.capabilities ?? []),
      restart: "unless-stopped",
      wait: true,
      waitTimeout: args.healthyWithinSeconds ?? 120,
      // Without it the plugin kills every process at once.
      destroyGraceSeconds,
    },
    // Its name and ports are fixed, so the old one has to go first.
    {
      parent,
      deleteBeforeReplace: true,
      dependsOn: [configuration, ...(args.rollout?.before ?? [])],
      // A refresh may list them in another order than the state did: which is known only after it.
      ignoreChanges: ports !== undefined && areListed(ports, listed) ? ["ports"] : [],
    },
  );
}

/**
 * One entry for each address that the engine is to bind: at `::` it would not answer on IPv4. Engines list those of one port in
 * orders of their own, the plugin those of one number by TCP and UDP in any order, and it takes another order for a change.
 *
 * @param listed - what the container has now, in its engine's order
 */
function boundPorts(
  ports: readonly PublishedPort[],
  listed: readonly BoundPort[],
): pulumi.Output<KnownPort[]> {
  return pulumi.output([...ports]).apply((known) => {
    const bound = known.flatMap(eachBound);
    return areSameOfSeveral(bound, listed)
      ? bound.toSorted((one, other) => placeOf(one, listed) - placeOf(other, listed))
      : bound;
  });
}

type KnownPort = pulumi.Unwrap<PublishedPort>;

function eachBound(port: KnownPort): KnownPort[] {
  return boundAddresses(port.ip).map((ip) => ({ ...port, ip }));
}

/** Whether these are the ports that a container has, one of them at several addresses. A container's never change. */
export function areListed(ports: readonly PublishedPort[], listed: readonly BoundPort[]): boolean {
  const bound = ports.flatMap(({ ip, ...port }) =>
    typeof ip === "string" ? eachBound({ ...port, ip }) : [],
  );
  return areSameOfSeveral(bound, listed);
}

function areSameOfSeveral(bound: readonly KnownPort[], listed: readonly BoundPort[]): boolean {
  const places = new Set(bound.map(({ internal, protocol }) => `${internal}/${protocol}`));
  const isSame = bound.length === listed.length && bound.every((port) => placeOf(port, listed) >= 0);
  return isSame && places.size < bound.length;
}

function placeOf({ ip, external, internal, protocol }: KnownPort, listed: readonly BoundPort[]): number {
  return listed.findIndex(
    (one) =>
      one.address === ip && one.port === external && one.internal === internal && one.protocol === protocol,
  );
}

function entriesOf<VolumeName extends VolumeUse>(
  volumes: Readonly<Record<VolumeName, ServerVolumeArgs>> | undefined,
): [VolumeName, ServerVolumeArgs][] {
  return Object.entries(volumes ?? {}) as [VolumeName, ServerVolumeArgs][];
}
