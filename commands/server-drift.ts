import type * as z from "zod";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { EngineUnreachableError } from "../engine/errors.ts";
import { changedFiles } from "../engine/generation.ts";
import { containersOf } from "../outputs/running-stack.ts";
import { outputsSchema } from "../outputs/schema.ts";
import { describeFiles } from "../verify/checks/containers.ts";

/**
 * Changes that somebody made to a server by hand. Pulumi's own refresh sees a container that is missing, and nothing of the
 * files within: these are compared with the generation that the last `up` declared.
 */
export interface Drift {
  readonly container: string;
  /** Gone, or stopped: it is made again. */
  readonly missing: boolean;
  /** Files of the configuration volume, which the next start would take. */
  readonly volume: readonly string[];
  /** Files that the daemons read now. */
  readonly server: readonly string[];
}

/** The part of a stack's outputs that says which containers run, and where. */
const stackContainers = outputsSchema.pick({
  endpoint: true,
  containers: true,
  generations: true,
  furtherServers: true,
});
export type StackContainers = z.output<typeof stackContainers>;

/** Nothing for a stack that has never been provisioned. */
export function parseContainers(outputs: unknown): StackContainers | undefined {
  return stackContainers.safeParse(outputs).data;
}

/** What servers say of what they have. */
export interface Examined {
  readonly drift: readonly Drift[];
  /** The generation that each serves as it was declared, by the container's name. */
  readonly served: ReadonlyMap<string, string>;
}

/**
 * The servers that differ from what the last `up` made, and from what a later one has given them that failed; none where
 * the engine does not answer.
 *
 * @param given - as {@link generationsInState} reports them
 */
export async function examineServers(
  engine: DockerEngine,
  stack: StackContainers,
  given: ReadonlyMap<string, string> = new Map(),
): Promise<Examined> {
  const served = new Map<string, string>();
  const found = await Promise.all(
    [...declaredGenerations(stack)].map(async ([container, generation]) => {
      const later = given.get(container);
      let state: ServerState = {};
      for (const one of new Set(later === undefined ? [generation] : [generation, later])) {
        state = await stateOf(engine, container, one);
        if (state.drift === undefined) break;
      }
      if (state.inForce !== undefined) served.set(container, state.inForce);
      return state.drift;
    }),
  );
  return { drift: found.filter((drift) => drift !== undefined), served };
}

/** The servers that {@link examineServers} finds to differ. */
export async function findDrift(...asked: Parameters<typeof examineServers>): Promise<readonly Drift[]> {
  return (await examineServers(...asked)).drift;
}

/** The generation that each container is to serve, by the container's name. */
export function declaredGenerations(stack: StackContainers): Map<string, string> {
  const servers = [
    ...containersOf(stack).map(({ role, name }) => ({
      container: name,
      generation: stack.generations[role],
    })),
    ...stack.furtherServers,
  ];
  return new Map(
    servers.flatMap(({ container, generation }) => (generation ? [[container, generation] as const] : [])),
  );
}

/** What differs from a generation in a server, or what it serves where nothing does. */
interface ServerState {
  readonly drift?: Drift;
  readonly inForce?: string | undefined;
}

async function stateOf(engine: DockerEngine, container: string, generation: string): Promise<ServerState> {
  try {
    const { volume, server, inForce } = await changedFiles(engine, container, generation);
    if (volume.length + server.length === 0) return { inForce };
    return { drift: { container, missing: false, volume, server } };
  } catch (error) {
    if (error instanceof EngineUnreachableError) return {};
    if (/no such container|is not running/i.test(String(error)))
      return { drift: { container, missing: true, volume: [], server: [] } };
    // An image from before there was this script: its container is about to be replaced.
    return {};
  }
}

/** @example "mail-server: dovecot/passwd was changed by hand in the running server; it is put back" */
export function describeDrift({ container, missing, volume, server }: Drift): string {
  if (missing) return `${container} is missing or stopped; recreating`;
  return `${container}: ${describeFiles({ volume, server })}, edited by hand; restoring the declared files`;
}
