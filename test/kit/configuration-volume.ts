import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { configurationName } from "../../naming/resources.ts";
import { carryGeneration } from "../../provider/served-generation.ts";
import { ARRIVING_GENERATION, CONFIGURATION } from "../../servers/generation/container-paths.ts";
import { docker } from "./engine.ts";

/** What stands in the configuration volume of a running server. @param server - its container */
export async function generationIn(server: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-generation-"));
  try {
    const file = join(folder, ARRIVING_GENERATION);
    await docker("cp", `${server}:${CONFIGURATION}/${ARRIVING_GENERATION}`, file);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Brings a generation there as an `up` does. */
export async function bringGeneration(server: string, generation: Buffer): Promise<void> {
  const image = await docker("inspect", "--format", "{{.Image}}", server);
  await carryGeneration(new DockerEngine(), { volume: configurationName(server), image }, generation);
}
