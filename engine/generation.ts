/** What a server says of its configuration, by the programs that every image has. */
import type { DockerEngine } from "./docker-engine.ts";
import { EngineUnreachableError } from "./errors.ts";

/** The id of the configuration in force, or the reason why a new one was refused. */
export async function generationInForce(
  engine: Pick<DockerEngine, "exec">,
  container: string,
): Promise<{ id: string } | { refused: string }> {
  try {
    return { id: (await engine.exec(container, ["maildomain-generation"])).trim() };
  } catch (error) {
    if (error instanceof EngineUnreachableError) throw error;
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether a server has looked at a generation and refused it; anything else is said of one that does not run, or not yet. */
export function isRefusal(said: string): boolean {
  return /^(?:the )?generation /.test(said);
}

/** Has a server take the generation in its volume again, in place of files that were changed. No session is closed. */
export async function retakeGeneration(engine: Pick<DockerEngine, "exec">, container: string): Promise<void> {
  // The watcher remembers which generation it has settled; one that has just been started knows of none.
  await engine.exec(container, ["s6-svc", "-r", "/run/service/configuration"]);
}

/** What somebody has changed by hand in a server's generation. */
export interface ChangedFiles {
  /** Files of its configuration volume, which the next start takes. */
  readonly volume: readonly string[];
  /** Files that its daemons read now. */
  readonly server: readonly string[];
  /** The id in force, where no newer one was refused. Undefined for a server that does not say: {@link generationInForce} does. */
  readonly inForce: string | undefined;
}

/**
 * The files of a server's generation that are no longer as declared.
 *
 * @param generation - the id that the last `up` has declared
 */
export async function changedFiles(
  engine: Pick<DockerEngine, "exec">,
  container: string,
  generation: string,
): Promise<ChangedFiles> {
  const printed = await engine.exec(container, ["/usr/lib/maildomain/changed-files", generation]);
  const lines = printed.split("\n");
  const after = (word: string) =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  return { volume: after("volume"), server: after("server"), inForce: after("in-force")[0] };
}

/** A pair whose chain has arrived at a server that does not show it. */
export interface AwaitedChain {
  readonly pair: string;
  /** Why the server refuses it; undefined where it has not looked at it yet. */
  readonly refused: string | undefined;
}

/** The chains in the certificates' volume that a server does not show: those just obtained, and those it refuses. */
export async function awaitedChains(
  engine: Pick<DockerEngine, "exec">,
  container: string,
): Promise<AwaitedChain[]> {
  const printed = await engine.exec(container, ["/usr/lib/maildomain/awaited-chains"]);
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [pair = "", ...words] = line.split(" ");
      return { pair, refused: words.join(" ") || undefined };
    });
}
