import { type DockerEngine, removalCommand } from "../engine/docker-engine.ts";
import type { EngineObject } from "../engine/objects.ts";
import { identityLabel, parseObjectName } from "../naming/engine.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { engineInState, knownIds, pendingContainers } from "./exported-state.ts";
import { project } from "./project.ts";

/** A container or network on the engine that bears one of a stack's names. */
export interface FoundObject extends EngineObject {
  readonly kind: "container" | "network";
  /** Whether the container has ever been started, or the network has a container. */
  readonly used: boolean;
  /** Whether it is a container that only an `up` of this state can have made. */
  readonly own: boolean;
}

/**
 * Removes what an interrupted `up` has left on the engine without the state's knowledge: the engine made it, and
 * went away before it could say so. The next `up` would find its names taken. What was used goes
 * only where an `up` of this state made it, by the identity that it carries or by what the state says was begun. Volumes
 * stay: the engine treats an existing one as one just made.
 *
 * @param exported - what `pulumi stack export` prints
 * @returns what was removed
 * @throws ToolchainError when something in use bears a name of the stack: that is another state's, or the state
 *   was lost.
 */
export async function removeStrays(
  engine: DockerEngine,
  stack: string,
  exported: string,
): Promise<FoundObject[]> {
  const strays = await findStrays(engine, stack, exported);
  await removeObjects(engine, strays);
  return strays;
}

/** What {@link removeStrays} would remove. @throws ToolchainError as it does */
export async function findStrays(
  engine: DockerEngine,
  stack: string,
  exported: string,
): Promise<FoundObject[]> {
  const strays = await unknownObjects(engine, stack, exported);
  const foreign = strays.filter(({ used, own }) => used && !own);
  if (foreign.length > 0) throw new ToolchainError(foreignObjects(engine, stack, foreign));
  return strays;
}

/** What {@link removeStrays} would remove where it is not only that. */
export async function findOwnStrays(
  engine: DockerEngine,
  stack: string,
  exported: string,
): Promise<FoundObject[]> {
  const strays = await unknownObjects(engine, stack, exported);
  return strays.filter(({ used, own }) => own || !used);
}

async function unknownObjects(engine: DockerEngine, stack: string, exported: string): Promise<FoundObject[]> {
  return straysAmong(await findObjects(engine, stack, exported), knownIds(exported));
}

/** Removes what {@link findStrays} has found. */
export async function removeObjects(engine: DockerEngine, strays: readonly FoundObject[]): Promise<void> {
  // Containers first: they hold the network.
  for (const stray of strays.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))) {
    if (stray.kind === "container" && stray.used) await engine.removeRunning(stray.id);
    else await engine.remove(stray);
  }
}

/** @internal What the state does not know. */
export function straysAmong(things: readonly FoundObject[], known: ReadonlySet<string>): FoundObject[] {
  return things.filter(({ id }) => !known.has(id));
}

/** @internal Whether it is the name of one of a stack's containers or networks. */
export function isNameOf(stack: string, kind: FoundObject["kind"], name: string): boolean {
  return parseObjectName({ project, stack }, kind, name) !== undefined;
}

/** The containers that were made by an `up` of this state. */
async function ownContainers(engine: DockerEngine, exported: string): Promise<Set<string>> {
  const identity = engineInState(exported)?.identity;
  const marked = identity === undefined ? [] : await engine.marked(identityLabel);
  const own = marked.filter(({ kind, value }) => kind === "container" && value === identity);
  return new Set([...own.map(({ name }) => name), ...pendingContainers(exported)]);
}

async function findObjects(engine: DockerEngine, stack: string, exported: string): Promise<FoundObject[]> {
  const own = await ownContainers(engine, exported);
  const containers = await engine.containers();
  const networks = await engine.networks();
  return [
    ...containers
      .filter(({ name }) => isNameOf(stack, "container", name))
      .map(({ kind, id, name, state }) => ({
        kind,
        id,
        name,
        used: state !== "created",
        own: own.has(name),
      })),
    ...(await Promise.all(
      networks
        .filter(({ name }) => isNameOf(stack, "network", name))
        .map(async ({ id, name }) => ({
          kind: "network" as const,
          id,
          name,
          used: await engine.networkIsUsed(id),
          own: false,
        })),
    )),
  ];
}

function foreignObjects(engine: DockerEngine, stack: string, things: readonly FoundObject[]): string {
  const removals = things.map((thing) => removalCommand(engine, thing));
  return [
    `The engine runs a stack ${stack} that this state does not know (${things.map(({ name }) => name).join(", ")}):`,
    "another checkout made it, or its state was lost. Nothing has been changed.",
    "Use the state that it was created with, give this stack another name, or remove what is there; its mail stays:",
    ...removals.map((removal) => `    ${removal}`),
  ].join("\n");
}
