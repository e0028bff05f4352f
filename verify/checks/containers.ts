import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { changedFiles, generationInForce } from "../../engine/generation.ts";
import { containersOf, type RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";

/** A new generation is noticed within a second or two; checking and building its maps takes a few more. */
const settleMs = 15_000;

/** The state of the containers, and whether the configuration of the last `up` is in force in them. */
export function containerChecks(running: RunningStack, engine: DockerEngine): Check[] {
  return containersOf(running).flatMap(({ role, name }) => {
    const generation = running.generations[role];
    if (!generation) return [];
    return [
      healthCheck(name, engine),
      generationCheck(name, generation, engine),
      filesCheck(name, generation, engine),
    ];
  });
}

function healthCheck(name: string, engine: DockerEngine): Check {
  return {
    id: `container.${name}`,
    group: "Containers",
    title: `${name} is healthy`,
    why: "Its health check queries every daemon in it.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      const { State: state, RestartCount: restarts } = await settled(name, engine);
      const health = state.Health?.Status ?? "no health check";
      if (state.Status === "running" && health === "healthy") return ok(`healthy, ${restarts} restarts`);
      const output = state.Health?.Log?.at(-1)?.Output.trim();
      return failed(
        [state.Status, health, output].filter(Boolean).join(", "),
        `See \`docker logs ${name}\`.`,
      );
    },
  };
}

async function settled(name: string, engine: DockerEngine) {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const container = await engine.inspect(name);
    if (container.State.Health?.Status !== "starting" || performance.now() > deadline) return container;
    await sleep(500);
  }
}

function generationCheck(name: string, expected: string, engine: DockerEngine): Check {
  return {
    id: `generation.${name}`,
    group: "Containers",
    title: `${name} has the configuration of the last up`,
    why: "A server refuses a configuration that does not pass its checks and keeps the one before.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      const deadline = performance.now() + settleMs;
      let state = await generationInForce(engine, name);
      while (!("id" in state && state.id === expected) && performance.now() < deadline) {
        await sleep(300);
        state = await generationInForce(engine, name);
      }
      if ("id" in state && state.id === expected) return ok(state.id);
      return failed(
        "id" in state ? `${state.id} instead of ${expected}` : state.refused,
        `See why in \`docker logs ${name}\`, fix the stack file and run \`npm run up\` again.`,
      );
    },
  };
}

function filesCheck(name: string, generation: string, engine: DockerEngine): Check {
  return {
    id: `files.${name}`,
    group: "Containers",
    title: `nobody has changed the files of ${name} by hand`,
    why: "A change made by hand in a server is declared nowhere, and gone with the next start.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      const changed = await changedFiles(engine, name, generation);
      if (changed.volume.length + changed.server.length === 0) return ok("as declared");
      return failed(
        describeFiles(changed),
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
