import { parseObjectName } from "../naming/engine.ts";
import { runOrThrow } from "../toolchain/child-process.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { knownIds } from "./exported-state.ts";
import { project } from "./project.ts";

/** A container or network on the engine that bears one of a stack's names. */
export interface EngineThing {
  readonly kind: "container" | "network";
  readonly id: string;
  readonly name: string;
  /** Whether the container has ever been started, or the network has a container. */
  readonly used: boolean;
}

/**
 * Removes what an interrupted `up` has left on the engine without the state's knowledge: the engine made it, and
 * went away before it could say so. The next `up` would find its names taken. Only what was never used goes, and
 * volumes stay: the engine treats an existing one as one just made.
 *
 * @param exported - what `pulumi stack export` prints
 * @returns what was removed
 * @throws ToolchainError when something in use bears a name of the stack: that is another state's, or the state
 *   was lost.
 */
export async function removeStrays(stack: string, exported: string): Promise<EngineThing[]> {
  const strays = await findStrays(stack, exported);
  await removeThings(strays);
  return strays;
}

/** What {@link removeStrays} would remove. @throws ToolchainError as it does */
export async function findStrays(stack: string, exported: string): Promise<EngineThing[]> {
  const strays = straysAmong(await engineThings(stack), knownIds(exported));
  const foreign = strays.filter(({ used }) => used);
  if (foreign.length > 0) throw new ToolchainError(foreignThings(stack, foreign));
  return strays;
}

/** Removes what {@link findStrays} has found. */
export async function removeThings(strays: readonly EngineThing[]): Promise<void> {
  // Containers first: they hold the network.
  for (const { kind, id, name } of strays.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))) {
    await runOrThrow(`Removing the ${kind} ${name}`, "docker", [kind, "rm", id]);
  }
}

/** @internal What the state does not know. */
export function straysAmong(things: readonly EngineThing[], known: ReadonlySet<string>): EngineThing[] {
  return things.filter(({ id }) => !known.has(id));
}

/** @internal Whether it is the name of one of a stack's containers or networks. */
export function isNameOf(stack: string, kind: EngineThing["kind"], name: string): boolean {
  return parseObjectName({ project, stack }, kind, name) !== undefined;
}

async function engineThings(stack: string): Promise<EngineThing[]> {
  const containers = await list("container", ["ls", "--all", "--format", "{{.ID}} {{.Names}} {{.State}}"]);
  const networks = await list("network", ["ls", "--format", "{{.ID}} {{.Name}}"]);
  return [
    ...containers.map(([id = "", name = "", state]) => ({
      kind: "container" as const,
      id,
      name,
      used: state !== "created",
    })),
    ...(await Promise.all(
      networks.map(async ([id = "", name = ""]) => ({
        kind: "network" as const,
        id,
        name,
        used: isNameOf(stack, "network", name) && (await hasContainers(id)),
      })),
    )),
  ].filter(({ kind, name }) => isNameOf(stack, kind, name));
}

async function list(kind: EngineThing["kind"], args: readonly string[]): Promise<string[][]> {
  const { stdout } = await runOrThrow(`Listing the engine's ${kind}s`, "docker", [
    kind,
    ...args,
    "--no-trunc",
  ]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
}

async function hasContainers(network: string): Promise<boolean> {
  const { stdout } = await runOrThrow(`Looking at the network ${network}`, "docker", [
    "network",
    "inspect",
    "--format",
    "{{len .Containers}}",
    network,
  ]);
  return Number(stdout) > 0;
}

function foreignThings(stack: string, things: readonly EngineThing[]): string {
  const removals = things.map(({ kind, name }) =>
    kind === "container" ? `docker rm --force ${name}` : `docker network rm ${name}`,
  );
  return [
    `The engine runs a stack ${stack} that this state does not know (${things.map(({ name }) => name).join(", ")}):`,
    "another checkout made it, or its state was lost. Nothing has been changed.",
    "Use the state that it was created with, give this stack another name, or remove what is there; its mail stays:",
    ...removals.map((removal) => `    ${removal}`),
  ].join("\n");
}
