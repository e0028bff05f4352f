import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { RemoteImage } from "@pulumi/docker/remoteImage.js";
import type * as pulumi from "@pulumi/pulumi";
import { imageTag, type ServerImage } from "../naming/servers.ts";
import { buildArguments, type ImageBuild, releasedBuild } from "../servers/image-build.ts";

const context = fileURLToPath(new URL("../images", import.meta.url));
/** What every server's image has: how it takes a generation of its configuration. */
const shared = "generation";

/** The image that each provider is to build last, so far. */
const lastOf = new WeakMap<pulumi.ProviderResource, RemoteImage>();

/**
 * A server's image, built where the containers run. Its tag is the digest of what it is built from, so that
 * a preview shows when a server will be replaced by a new image.
 *
 * Another engine's are built one after another. It gets the same archive for each, and BuildKit may take two that come at once
 * for one, and forgets it with the first build that ends; the other fails: "flightcontrol: exceeded retry timeout"
 * (moby/buildkit#990).
 */
export function createServerImage(
  image: ServerImage,
  name: string,
  build: ImageBuild | undefined,
  opts: pulumi.CustomResourceOptions,
): RemoteImage {
  const { digest, tag, buildArgs } = imageOf(image, build);
  const provider = providerOf(opts);
  const before = provider && lastOf.get(provider);
  const made = new RemoteImage(
    name,
    {
      name: tag,
      build: {
        // Relative to the project: an absolute path would differ on every machine, and so in every preview.
        context: relative(process.cwd(), context),
        dockerfile: `${image}/Dockerfile`,
        buildArgs,
        // The plugin's default builder works on this machine's engine, wherever the provider's is
        // (kreuzwerker/terraform-provider-docker#972). Elsewhere it is left alone: a change builds all images again.
        ...(provider === undefined ? {} : { useLegacyBuilder: true }),
      },
      triggers: { context: digest },
      // Stacks on one engine share the image; who removes one must not take it from the others.
      keepLocally: true,
    },
    before === undefined ? opts : { ...opts, dependsOn: before },
  );
  if (provider !== undefined) lastOf.set(provider, made);
  return made;
}

/** What an image is called, and what it is built with. */
export function imageOf(image: ServerImage, build: ImageBuild = releasedBuild) {
  const buildArgs = buildArguments(build);
  const digest = digestFolders([join(context, shared), join(context, image)], buildArgs);
  return { digest, tag: imageTag(image, digest), buildArgs };
}

/** The containers' own provider, where they have one, and with it perhaps another engine than the environment's. */
function providerOf({ provider, parent }: pulumi.CustomResourceOptions): pulumi.ProviderResource | undefined {
  return provider ?? parent?.getProvider("docker:index/remoteImage:RemoteImage");
}

/**
 * The first 12 hex digits of the SHA-256 over the path, executability and content of every file in the folders, and over
 * what else an image is built with.
 */
export function digestFolders(
  folders: readonly string[],
  buildArgs: Readonly<Record<string, string>> = {},
): string {
  const digest = createHash("sha256");
  for (const [name, value] of Object.entries(buildArgs)) digest.update(`${name}=${value}\0`);
  for (const folder of folders) {
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      const file = statSync(join(folder, path));
      if (!file.isFile()) continue;
      digest.update(`${path}\0${(file.mode & 0o111) === 0 ? "" : "x"}\0${file.size}\0`);
      digest.update(readFileSync(join(folder, path)));
    }
  }
  return digest.digest("hex").slice(0, 12);
}
