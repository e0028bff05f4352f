import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { configurationVolume, servedResource } from "../naming/resources.ts";
import { ServedGeneration } from "../provider/resources.ts";
import type { ConfigurationFile, SealedFile } from "../servers/generation/configuration-file.ts";
import { renderGeneration } from "../servers/generation/generation.ts";
import { generationId } from "../servers/generation/generation-id.ts";
import type { ContainerSettings } from "./container-settings.ts";
import { dockerHostOf } from "./docker-host.ts";
import { dockerName } from "./docker-name.ts";

/** A file of a server's configuration, whose content may be known later. */
export interface ConfigurationFileArgs extends Omit<ConfigurationFile, "content"> {
  readonly content: pulumi.Input<string>;
  /** Whether it is known to hold a secret before its content is known. @default false */
  readonly isSealed?: boolean | undefined;
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
    return { path, owner, mode, content: known.apply((value) => file.render(value)), isSealed: true };
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
  /** What brings the files into the volume, and what a refresh compares with the running server. */
  readonly served: ServedGeneration;
}

/**
 * A server's configuration on a volume of its own, so that a change reaches the running server without
 * touching its container: the files arrive in the volume as one, and the server takes them once it is whole.
 *
 * ```ts
 * new ConfigurationVolume("dns-server", { image: image.imageId, files: renderKnot(zones) });
 * ```
 *
 * Creates the volume, and what brings the files there and knows whether they are served.
 */
export class ConfigurationVolume extends pulumi.ComponentResource {
  /** The volume's name on the engine. */
  readonly volumeName: pulumi.Output<string>;
  /** The id by which the server reports that it has taken over this generation. */
  readonly generation: pulumi.Output<string>;

  readonly #nodes: ConfigurationNodes;

  constructor(name: string, args: ConfigurationVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    // The files are inputs of what brings them there: repeating them here would double the state.
    super("maildomain:index:ConfigurationVolume", name, {}, opts);
    const { image, container, dockerHost = dockerHostOf(this), engineIdentity, waitFor } = args;
    const volume = new Volume(configurationVolume(name), { name: dockerName(name) }, { parent: this });
    const content = encoded(args.files);
    const plain = pulumi.output(plainFiles(args.files).then(encoded));
    const served = new ServedGeneration(
      servedResource(name),
      { content, plain, volume: volume.name, image, container, dockerHost, engineIdentity },
      { parent: this, dependsOn: waitFor?.(content) ?? [] },
    );
    this.volumeName = volume.name;
    // A digest of digests: it reveals nothing of the secrets below it, and people have to see it.
    this.generation = pulumi.unsecret(content.apply((text) => generationId(Buffer.from(text, "base64"))));
    this.#nodes = { volume, served };
    // Once it has arrived: the engine writes the whole state for it, which nothing on its way has to wait for.
    const arrived = pulumi.all([this.generation, served.id]).apply(([id]) => id);
    this.registerOutputs({ volumeName: this.volumeName, generation: arrived });
  }

  /** Its resources, for what has no argument here. */
  get nodes(): ConfigurationNodes {
    return this.#nodes;
  }
}

/** The generation of these files, as base64. */
function encoded(files: readonly ConfigurationFileArgs[]): pulumi.Output<string> {
  // A text that is known becomes no Output: each costs 35 µs, and a web server of fifty domains has hundreds of files.
  const later = files.flatMap(({ content }) => (typeof content === "string" ? [] : [content]));
  return pulumi.all(later).apply((texts) => {
    const textOf = new Map(later.map((content, index) => [content, texts[index] ?? ""]));
    const known = files.map(({ content, ...file }) => ({
      ...file,
      content: typeof content === "string" ? content : (textOf.get(content) ?? ""),
    }));
    return renderGeneration(known).toString("base64");
  });
}

/** Those without a secret in their content, whoever has made it one. */
async function plainFiles(files: readonly ConfigurationFileArgs[]): Promise<ConfigurationFileArgs[]> {
  const open = files.filter(({ isSealed = false }) => !isSealed);
  const areSecret = await Promise.all(
    open.map(({ content }) => typeof content !== "string" && pulumi.isSecret(pulumi.output(content))),
  );
  return open.filter((_, index) => !areSecret[index]);
}
