import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { type ChangedFiles, changedFiles, generationInForce, isRefusal } from "../../engine/generation.ts";
import { containersOf, type RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";

/** A new generation is noticed within a second or two; checking and building its maps takes a few more. */
const settleMs = 15_000;
/** A server that is on its way is waited for: after the machine's start, or with many mailboxes, it takes its time. */
export const lateMs = 120_000;
/** For the check itself to say what it has waited for in vain, and for what it asks of the engine. */
export const timeoutMs = lateMs + 30_000;

/** The state of the containers, and whether the configuration of the last `up` is in force in them. */
export function containerChecks(running: RunningStack, engine: DockerEngine): Check[] {
  return containersOf(running).flatMap(({ role, name }) => {
    const generation = running.generations[role];
    if (!generation) return [];
    // One program in the container for two checks.
    let asked: Promise<ChangedFiles> | undefined;
    const changed = () => (asked ??= changedFiles(engine, name, generation));
    return [
      healthCheck(name, engine),
      generationCheck(name, generation, { engine, changed }),
      filesCheck(name, changed),
    ];
  });
}

/** What differs in a server from the generation that it is to have. */
type Changed = () => Promise<ChangedFiles>;

function healthCheck(name: string, engine: DockerEngine): Check {
  return {
    id: `container.${name}`,
    group: "Containers",
    title: `${name} is healthy`,
    why: "Its health check queries every daemon in it.",
    remedy: "Run `npm run up`, which starts what is missing.",
    timeoutMs,
    run: async () => {
      const { State: state, RestartCount: restarts } = await settled(name, engine);
      const health = state.Health?.Status ?? "no health check";
      if (state.Status === "running" && health === "healthy") return ok(`healthy, ${restarts} restarts`);
      const output = state.Health?.Log?.at(-1)?.Output.trim();
      if (health === "starting")
        return failed(
          `still starting after ${lateMs / 1000} s${output ? `: ${output}` : ""}`,
          `See \`docker logs ${name}\` for what it waits for.`,
        );
      return failed(
        [state.Status, health, output].filter(Boolean).join(", "),
        `See \`docker logs ${name}\`.`,
      );
    },
  };
}

async function settled(name: string, engine: DockerEngine) {
  const deadline = performance.now() + lateMs;
  for (;;) {
    const container = await engine.inspect(name);
    if (container.State.Health?.Status !== "starting" || performance.now() > deadline) return container;
    await sleep(500);
  }
}

function generationCheck(
  name: string,
  expected: string,
  { engine, changed }: { readonly engine: DockerEngine; readonly changed: Changed },
): Check {
  return {
    id: `generation.${name}`,
    group: "Containers",
    title: `${name} has the configuration of the last up`,
    why: "Until then it serves the one before, and what the stack file says does not hold.",
    remedy: "Run `npm run up`, which starts what is missing.",
    timeoutMs,
    run: async () => {
      const started = performance.now();
      const inForce = await changed().then(({ inForce }) => inForce, ignored);
      if (inForce === expected) return ok(inForce);
      for (;;) {
        const state = await generationInForce(engine, name);
        if ("id" in state && state.id === expected) return ok(state.id);
        const waited = performance.now() - started;
        if (waited > settleMs && (waited > lateMs || !(await isOnItsWay(state, name, engine))))
          return notInForce(state, { name, expected, waited });
        await sleep(300);
      }
    },
  };
}

type Served = Awaited<ReturnType<typeof generationInForce>>;

/** A server that serves another generation and says nothing against this one may still be checking it. */
async function isOnItsWay(state: Served, name: string, engine: DockerEngine): Promise<boolean> {
  if ("id" in state) return true;
  if (isRefusal(state.refused)) return false;
  const container = await engine.inspect(name);
  return container.State.Status === "running" && container.State.Health?.Status === "starting";
}

/** Only a server that has looked at the configuration refuses it: for any other the stack file is not to blame. */
function notInForce(
  state: Served,
  { name, expected, waited }: { readonly name: string; readonly expected: string; readonly waited: number },
): Outcome {
  const log = `See why in \`docker logs ${name}\``;
  if ("refused" in state && isRefusal(state.refused))
    return failed(state.refused, `${log}, fix the stack file and run \`npm run up\` again.`);
  const instead = "id" in state ? `${state.id} instead of ${expected}` : state.refused;
  return failed(`${instead}, after ${Math.round(waited / 1000)} s`, `${log}, and run \`npm run up\` again.`);
}

/** The check of the files reports it. */
const ignored = (): undefined => undefined;

function filesCheck(name: string, changed: Changed): Check {
  return {
    id: `files.${name}`,
    group: "Containers",
    title: `nobody has changed the files of ${name} by hand`,
    why: "A change made by hand in a server is declared nowhere, and gone with the next start.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      const files = await changed();
      if (files.volume.length + files.server.length === 0) return ok("as declared");
      return failed(
        describeFiles(files),
        "Declare in the stack file what is to stay; `npm run up` restores the rest as declared.",
      );
    },
  };
}

/** @example "dovecot/passwd in the running server" */
export function describeFiles({
  volume,
  server,
}: {
  readonly volume: readonly string[];
  readonly server: readonly string[];
}): string {
  const places = [
    ...(volume.length > 0 ? [`${brief(volume)} in its configuration volume`] : []),
    ...(server.length > 0 ? [`${brief(server)} in the running server`] : []),
  ];
  return places.join(", and ");
}

function brief(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(", ");
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}
