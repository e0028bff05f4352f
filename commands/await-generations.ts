/** Whether each server serves what an `up` has given it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { generationInForce, isRefusal } from "../engine/generation.ts";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { declaredGenerations, type StackContainers } from "./server-drift.ts";

/** How long is waited, in milliseconds. */
export interface Patience {
  /** For a server that says nothing against what it was given: it checks it and builds its tables. */
  readonly limit: number;
  /** For a refusal to give way that may be of an earlier generation. A server waits ten seconds for the rest of an upload. */
  readonly refusal: number;
  readonly between: number;
}

const ordinary: Patience = { limit: 180_000, refusal: 20_000, between: 300 };

/**
 * Waits until each server serves the generation that the last `up` has declared, since checks before that would judge the
 * one before.
 *
 * @param served - what servers are known to serve, by the container's name: they are not asked
 * @throws ToolchainError that names each server that does not, with its reason
 */
export async function awaitGenerations(
  engine: Pick<DockerEngine, "exec">,
  stack: StackContainers,
  report: Report,
  served: ReadonlyMap<string, string> = new Map(),
  patience: Patience = ordinary,
): Promise<void> {
  const declared = new Map(
    [...declaredGenerations(stack)].filter(([container, id]) => served.get(container) !== id),
  );
  if (declared.size === 0) return;
  const missing = new Set(declared.keys());
  await report.during("waiting until each server serves its new configuration", async (detail) => {
    const waits = [...declared].map(async ([container, id]) => {
      detail([...missing].join(", "));
      const problem = await problemOf(engine, container, id, patience);
      missing.delete(container);
      detail([...missing].join(", "));
      return problem === undefined ? [] : [`${container} ${problem}`];
    });
    const problems = (await Promise.all(waits)).flat();
    if (problems.length === 0) return;
    throw new ToolchainError(
      [
        "The stack was changed, but not every server serves its new configuration:",
        ...problems.map((problem) => `  ${problem}`),
        "Fix the stack file and run `npm run up` again. `docker logs` of the server shows more.",
      ].join("\n"),
    );
  });
}

/** @returns why it does not serve the generation, after all the patience that there is */
async function problemOf(
  engine: Pick<DockerEngine, "exec">,
  container: string,
  id: string,
  { limit, refusal, between }: Patience,
): Promise<string | undefined> {
  const started = performance.now();
  let refusedSince: number | undefined;
  for (;;) {
    const state = await generationInForce(engine, container);
    if ("id" in state && state.id === id) return undefined;
    const now = performance.now();
    refusedSince = "refused" in state && isRefusal(state.refused) ? (refusedSince ?? now) : undefined;
    if ("refused" in state && refusedSince !== undefined) {
      // One that names another generation, or none, may be from before this `up`.
      const isOfThis = state.refused.includes(`generation ${id}`);
      if (isOfThis || now - refusedSince > refusal) return `keeps the one before: ${state.refused}`;
    }
    if (now - started > limit) {
      const instead = "id" in state ? `it serves generation ${state.id}` : state.refused;
      return `does not serve generation ${id} after ${Math.round(limit / 1000)} s: ${instead}`;
    }
    await sleep(between);
  }
}
