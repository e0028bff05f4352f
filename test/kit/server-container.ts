import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { imageOf } from "../../components/server-image.ts";
import { type ServerImage, ServerRole } from "../../naming/servers.ts";
import type { ConfigurationFile } from "../../servers/generation/configuration-file.ts";
import { CERTIFICATES } from "../../servers/generation/container-paths.ts";
import { renderGeneration } from "../../servers/generation/generation.ts";
import { generationId } from "../../servers/generation/generation-id.ts";
import type { ImageBuild } from "../../servers/image-build.ts";
import { docker, objectsOf, removeObjects } from "./engine.ts";

const context = fileURLToPath(new URL("../../images", import.meta.url));

export interface ServerContainerOptions {
  readonly role: ServerImage;
  /** All that the container may do beyond what an ordinary user may. */
  readonly capabilities: readonly string[];
  /** Ports inside the container, `25/tcp`; each is published on a free port of 127.0.0.1. */
  readonly ports: readonly string[];
  /** Volumes by their path in the container. */
  readonly volumes: readonly string[];
  /** Whether it reads renewed chains from a volume, into which {@link ServerContainer.writeChain} writes them. @default false */
  readonly readsCertificates?: boolean | undefined;
  /** A network of the engine, and the container's address in it. @default the engine's default bridge */
  readonly network?: { readonly name: string; readonly address: string } | undefined;
}

/** What a mail server's container is given on every engine. */
export const mailServerOptions: ServerContainerOptions = {
  role: ServerRole.mailServer,
  capabilities: ["CHOWN", "DAC_OVERRIDE", "KILL", "SETGID", "SETUID", "SYS_CHROOT"],
  ports: ["25/tcp", "465/tcp", "993/tcp"],
  volumes: ["/var/mail/v", "/var/spool/postfix", "/var/lib/rspamd"],
};

/**
 * Builds a server's image from what a stack builds it from, under a name of the tests' own: the engine's builder is not the
 * plugin's, and a stack beside this one would see its image replaced by another. @returns its tag
 */
export async function buildImage(role: ServerImage, build?: ImageBuild): Promise<string> {
  const { tag, buildArgs } = imageOf(role, build);
  const words = Object.entries(buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const dockerfile = join(context, role, "Dockerfile");
  const name = tag.replace(/^maildomain\//, "maildomain-test/");
  await docker("build", "--quiet", "--tag", name, ...words, "--file", dockerfile, context);
  return name;
}

/** One server of an image, without a stack around it, under the strictest conditions that it is made for. */
export class ServerContainer {
  readonly prefix = `maildomain-test-${randomBytes(4).toString("hex")}`;
  readonly name = `${this.prefix}-server`;
  readonly #options: ServerContainerOptions;
  #image = "";
  #hasLoader = false;
  #hasWriter = false;

  constructor(options: ServerContainerOptions) {
    this.#options = options;
  }

  /** Builds the image where a stack has not done so before. */
  async build(): Promise<void> {
    this.#image = await buildImage(this.#options.role);
  }

  async run(): Promise<void> {
    const { role, capabilities, ports, volumes, readsCertificates = false, network } = this.#options;
    await docker(
      ...["run", "--detach", "--name", this.name, "--hostname", role],
      ...(network === undefined ? [] : ["--network", network.name, "--ip", network.address]),
      ...(role === ServerRole.mailServer ? ["--dns", "127.0.0.1", "--dns-search", "."] : []),
      ...["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp"],
      ...["--security-opt", "no-new-privileges", "--cap-drop", "ALL"],
      ...capabilities.flatMap((capability) => ["--cap-add", capability]),
      ...ports.flatMap((port) => ["--publish", `127.0.0.1::${port}`]),
      ...["--volume", `${this.prefix}-configuration:/configuration:ro`],
      ...["--volume", `${this.prefix}-last-known-good:/last-known-good`],
      ...(readsCertificates ? ["--volume", `${this.prefix}-certificates:${CERTIFICATES}:ro`] : []),
      ...volumes.flatMap((path) => ["--volume", `${this.prefix}${path.replaceAll("/", "-")}:${path}`]),
      this.#image,
    );
  }

  /** 0 after a stop in order; 137 when the engine had to end it, for which it waits ten seconds. */
  async exitCode(): Promise<string> {
    return docker("container", "inspect", "--format", "{{.State.ExitCode}}", this.name);
  }

  /** The published port of one inside the container. */
  async port(inside: string): Promise<number> {
    const published = await docker("port", this.name, inside);
    return Number(published.slice(published.lastIndexOf(":") + 1));
  }

  /**
   * Writes a generation into the configuration volume as a stack does: by a container that is never started.
   *
   * @param generation - what is written in the place of `files`, in a test of a bad one.
   * @returns the id under which the server will know the generation
   */
  async upload(files: readonly ConfigurationFile[], generation = renderGeneration(files)): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "generation-"));
    const loader = `${this.prefix}-loader`;
    try {
      await writeFile(join(folder, "generation"), generation);
      const volume = `${this.prefix}-configuration:/configuration`;
      if (!this.#hasLoader) await docker("create", "--name", loader, "--volume", volume, this.#image);
      this.#hasLoader = true;
      await docker("cp", `${folder}/.`, `${loader}:/configuration`);
    } finally {
      await rm(folder, { recursive: true });
    }
    return generationId(generation);
  }

  /**
   * Writes a text where the chain of a pair arrives, as a renewal does: whole, by renaming.
   *
   * @param pem - undefined: the file is removed.
   */
  async writeChain(pair: string, pem: string | undefined): Promise<void> {
    const writer = `${this.prefix}-renewal`;
    if (!this.#hasWriter) {
      const volume = `${this.prefix}-certificates:${CERTIFICATES}`;
      const asRoot = ["--user", "0:0", "--no-healthcheck", "--entrypoint", "sleep"];
      await docker(
        "run",
        "--detach",
        "--name",
        writer,
        "--volume",
        volume,
        ...asRoot,
        this.#image,
        "infinity",
      );
    }
    this.#hasWriter = true;
    const folder = `${CERTIFICATES}/${pair}`;
    const write =
      'umask 022; mkdir -p "$1" && printf %s "$2" >"$1/chain.pem.new" && mv "$1/chain.pem.new" "$1/chain.pem"';
    const script = pem === undefined ? 'rm "$1/chain.pem"' : write;
    await docker("exec", "--user", "0:0", writer, "sh", "-c", script, "sh", folder, pem ?? "");
  }

  /** What `maildomain-generation` prints, its exit status aside. */
  async generation(): Promise<string> {
    return docker("exec", this.name, "sh", "-c", "maildomain-generation; true");
  }

  /** Waits until the server reports something that `wanted` finds; what it reported last, if it never does. */
  async settles(wanted: RegExp, seconds = 120): Promise<string> {
    const end = Date.now() + seconds * 1000;
    let report = await this.generation();
    while (!wanted.test(report) && Date.now() < end) {
      await sleep(200);
      report = await this.generation();
    }
    return report;
  }

  /** Waits until the engine reports a health that `wanted` finds in `<status>: <output of the latest probe>`. */
  async becomes(wanted: RegExp, seconds = 120): Promise<string> {
    const end = Date.now() + seconds * 1000;
    let health = await this.#health();
    while (!wanted.test(health) && Date.now() < end) {
      await sleep(200);
      health = await this.#health();
    }
    return health;
  }

  async #health(): Promise<string> {
    const state = await docker("container", "inspect", "--format", "{{json .State.Health}}", this.name);
    const { Status, Log } = JSON.parse(state) as { Status: string; Log: { Output: string }[] };
    return `${Status}: ${Log.at(-1)?.Output.trim() ?? ""}`;
  }

  async exec(script: string): Promise<string> {
    return docker("exec", this.name, "sh", "-c", script);
  }

  /** Removes all that this made on the engine but the image, which stacks share. */
  async remove(): Promise<void> {
    await removeObjects(await objectsOf(this.prefix));
  }
}
