import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DockerEngine } from "../engine/docker-engine.ts";
import { EngineUnreachableError } from "../engine/errors.ts";
import { canInstallPackages, installPackages } from "./apt.ts";
import { findProgram, run, runOrThrow, tail } from "./child-process.ts";
import { saysUnreachable } from "./reachability.ts";
import type { Report } from "./report.ts";
import { type Step, ToolchainError } from "./step.ts";

/** What both images of `images/` are built from. */
const BASE_IMAGE = "debian:trixie-slim";
const SUITE = "trixie";
const PULL_ATTEMPTS = 3;
const PULL_PAUSE_MS = 5_000;

/**
 * The base image on the engine that builds with it: there already, else pulled by that engine, else built here from
 * Debian's archive and imported.
 *
 * @param host - the engine's address; by default the one that `docker` asks.
 */
export function baseImageOn(host?: string): Step {
  const docker = (...args: string[]) => (host === undefined ? args : ["--host", host, ...args]);
  const place = host === undefined ? "" : ` on ${host}`;
  return {
    name: "base image",

    async inspect() {
      const format = "{{slice .Created 0 10}} {{.Architecture}}";
      const image = await describeImage(new DockerEngine(host), format);
      if (image !== undefined) return { ready: true, found: `base image ${BASE_IMAGE}${place} (${image})` };
      return {
        ready: false,
        found: `no base image ${BASE_IMAGE}${place}`,
        remedy: "pull it, or build it with mmdebstrap where the registry cannot be reached",
      };
    },

    async ensure(report) {
      const before = await this.inspect();
      if (before.ready) return before;
      const refusal = await report.during(`pulling ${BASE_IMAGE}${place}`, (onLine) =>
        pull(docker("pull", BASE_IMAGE), onLine),
      );
      if (refusal !== undefined) {
        report.note(
          `The registry cannot be reached (${refusal}): building ${BASE_IMAGE} from Debian's archive`,
        );
        await build(report, (archive) => docker("import", archive, BASE_IMAGE));
      }
      return await this.inspect();
    },
  };
}

/** A base image as it is for the packages of one day. */
export interface DatedBaseImage {
  /** Its name, as the stack file has it. */
  readonly base: string;
  readonly packages: string;
  readonly host: string | undefined;
}

/**
 * Has the engine take the latest image of that name from its registry. The one before keeps a name, since the images that
 * were built on it are found in the engine's build cache by it alone. One that was built here, or whose registry does not
 * answer, stays: what has changed since comes with the archive's packages.
 */
export async function refreshBaseImage(image: DatedBaseImage, report: Report): Promise<void> {
  const docker = dockerOf(image);
  await docker("tag", image.base, keptName(image));
  const { status, output } = await report.during(`pulling ${image.base}`, () => docker("pull", image.base));
  if (status !== 0) report.note(`${image.base} is unchanged: ${output.trim().split("\n").at(-1)}`);
}

/** Has the engine build on the image of that day again, where it was kept. */
export async function restoreBaseImage(image: DatedBaseImage): Promise<void> {
  await dockerOf(image)("tag", keptName(image), image.base);
}

function dockerOf({ host }: DatedBaseImage) {
  return (...words: string[]) => run("docker", host === undefined ? words : ["--host", host, ...words]);
}

/** @internal */
export function keptName({ base, packages }: DatedBaseImage): string {
  return `maildomain/base:${packages}-${base.replaceAll(/[^\w.-]/g, "-")}`;
}

/** An engine that does not answer is another step's concern. */
async function describeImage(engine: DockerEngine, format: string): Promise<string | undefined> {
  try {
    return await engine.describeImage(BASE_IMAGE, format);
  } catch (error) {
    if (error instanceof EngineUnreachableError) return undefined;
    throw error;
  }
}

/** @returns why the registry cannot be reached; undefined when the image is there. */
async function pull(words: readonly string[], onLine: (line: string) => void): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, output } = await run("docker", words, { onLine });
    if (status === 0) return undefined;
    if (saysUnreachable(output)) return output.trim().split("\n").at(-1) ?? "";
    // Layers that have arrived are kept, so that another attempt continues where this one stopped.
    if (attempt === PULL_ATTEMPTS) {
      throw new ToolchainError(
        `docker ${words.join(" ")} failed ${attempt} times:\n${tail(output)}\nTry again when the network is better.`,
      );
    }
    await sleep(PULL_PAUSE_MS);
  }
}

async function build(report: Report, importWords: (archive: string) => readonly string[]): Promise<void> {
  await ensureMmdebstrap(report);
  const folder = mkdtempSync(join(tmpdir(), "maildomain-base-image-"));
  try {
    const archive = join(folder, "base.tar");
    await report.during(`building ${BASE_IMAGE} with mmdebstrap`, async (onLine) => {
      await runOrThrow("mmdebstrap", "mmdebstrap", ["--variant=minbase", SUITE, archive], { onLine });
      await runOrThrow("Importing the base image", "docker", importWords(archive), { onLine });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ensureMmdebstrap(report: Report): Promise<void> {
  if (!canInstallPackages()) {
    throw new ToolchainError(
      `The image ${BASE_IMAGE} cannot be pulled, and building it needs root on Debian or Ubuntu. ` +
        `Load it from a machine that has it (docker save ${BASE_IMAGE} | docker load), or run this as root.`,
    );
  }
  if (findProgram("mmdebstrap") === undefined) await installPackages(report, ["mmdebstrap"]);
}
