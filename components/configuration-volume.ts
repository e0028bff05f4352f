import { Container } from "@pulumi/docker/container.js";
import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { carrierResource, configurationVolume, servedResource } from "../naming/resources.ts";
import { ServedGeneration } from "../provider/resources.ts";
import type { ConfigurationFile, SealedFile } from "../servers/generation/configuration-file.ts";
import { generationId, renderGeneration } from "../servers/generation/generation.ts";
import type { ContainerSettings } from "./container-settings.ts";
import { dockerName } from "./docker-name.ts";
import { identified } from "./identified.ts";

/** Where a server's image expects its configuration volume. */
export const configurationPath = "/configuration";

/** A file of a server's configuration, whose content may be known later. */
export interface ConfigurationFileArgs extends Omit<ConfigurationFile, "content"> {
  readonly content: pulumi.Input<string>;
}

/** Sealed files with their content, which is a secret from here on. */
export function sealed<Secret>(
  files: readonly SealedFile<Secret>[],
  secret: pulumi.Output<Secret>,
): ConfigurationFileArgs[] {
  // No output is inside of another, so that there is nothing for Pulumi to unwrap.
  const known = pulumi.secret(secret) as unknown as pulumi.Output<Secret>;
  return files.map((file) => {
    const { path, owner, mode } = file;
    return { path, owner, mode, content: known.apply((value) => file.render(value)) };
  });
}

export interface ConfigurationVolumeArgs extends Pick<ContainerSettings, "engineIdentity" | "dockerHost"> {
  /** The server's image: it gives the volume its owner and mode. */
  readonly image: pulumi.Input<string>;
  /** The complete generation; which files there are is plain data. */
  readonly files: readonly ConfigurationFileArgs[];
  /** The server's container on the engine, which a refresh asks what it serves. @default nobody is asked */
  readonly container?: string | undefined;
  /**
   * What must be there before the generation, as base64, reaches the volume.
   *
   * @default only the volume
   */
  readonly waitFor?: ((generation: pulumi.Output<string>) => Promise<pulumi.Resource[]>) | undefined;
}

export interface ConfigurationNodes {
  readonly volume: Volume;
  /** The container that is never started, and carries the files into the volume. */
  readonly carrier: Container;
  /** What a refresh compares with the running server; undefined where nobody is asked. */
  readonly served: ServedGeneration | undefined;
}

/**
 * A server's configuration on a volume of its own, so that a change reaches the running server without
 * touching its container: a container that is never started carries the files into the volume, and the server
 * takes them once all of them have arrived.
 *
 * ```ts
 * new ConfigurationVolume("dns-server", { image: image.imageId, files: renderKnot(zones) });
 * ```
 *
 * Creates the volume, the carrying container, and what a refresh compares with the running server.
 */
export class ConfigurationVolume extends pulumi.ComponentResource {
  /** The volume's name on the engine. */
  readonly volumeName: pulumi.Output<string>;
  /** The id by which the server reports that it has taken over this generation. */
  readonly generation: pulumi.Output<string>;

  readonly #nodes: ConfigurationNodes;

  constructor(name: string, args: ConfigurationVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    // The files are the carrier's inputs: repeating them here would double the state.
    super("maildomain:index:ConfigurationVolume", name, {}, opts);
    const volume = new Volume(configurationVolume(name), { name: dockerName(name) }, { parent: this });
    const generation = pulumi
      .all(args.files.map(({ content }) => content))
      .apply((contents) =>
        renderGeneration(
          args.files.map((file, index) => ({ ...file, content: contents[index] ?? "" })),
        ).toString("base64"),
      );
    this.volumeName = volume.name;
    // A digest of digests: it reveals nothing of the secrets below it, and people have to see it.
    this.generation = pulumi.unsecret(
      generation.apply((encoded) => generationId(Buffer.from(encoded, "base64"))),
    );
    const served = createServed(this, name, args, this.generation);
    const load = { volumeName: volume.name, contentBase64: generation, served };
    this.#nodes = { volume, carrier: createCarrier(this, name, args, load), served };
    // Once it has arrived: the engine writes the whole state for it, which nothing on its way has to wait for.
    const arrived = pulumi.all([this.generation, this.#nodes.carrier.id]).apply(([id]) => id);
    this.registerOutputs({ volumeName: this.volumeName, generation: arrived });
  }

  /** Its resources, for what has no argument here. */
  get nodes(): ConfigurationNodes {
    return this.#nodes;
  }
}

function createServed(
  parent: pulumi.Resource,
  name: string,
  { container, dockerHost, engineIdentity }: ConfigurationVolumeArgs,
  generation: pulumi.Input<string>,
): ServedGeneration | undefined {
  if (container === undefined) return undefined;
  const served = { container, generation, dockerHost, engineIdentity };
  return new ServedGeneration(servedResource(name), served, { parent });
}

/** What is carried where, and the resource that knows when it has to be carried again. */
interface Load {
  readonly volumeName: pulumi.Input<string>;
  readonly contentBase64: pulumi.Output<string>;
  readonly served: ServedGeneration | undefined;
}

function createCarrier(
  parent: pulumi.Resource,
  name: string,
  { image, engineIdentity, waitFor }: ConfigurationVolumeArgs,
  { volumeName, contentBase64, served }: Load,
): Container {
  return new Container(
    carrierResource(name),
    {
      name: dockerName(name),
      image,
      ...identified(engineIdentity),
      volumes: [{ volumeName, containerPath: configurationPath }],
      uploads: [{ file: `${configurationPath}/generation`, contentBase64 }],
      start: false,
      mustRun: false,
    },
    // Its name is fixed, so the old one has to go first. The volume, and what was uploaded, stays.
    {
      parent,
      deleteBeforeReplace: true,
      dependsOn: waitFor?.(contentBase64) ?? [],
      replacementTrigger: served?.repairs.apply(String),
    },
  );
}
