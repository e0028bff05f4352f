import { setTimeout as sleep } from "node:timers/promises";
import { containersOf, type RunningStack } from "../../outputs/running-stack.ts";

/**
 * Waits until every server of a stack has taken the configuration of the last `up`.
 *
 * @param inForce - the generation that a container has in force
 * @param patienceMs - how long to wait for one server @default 120000
 * @throws Error that names the first server that does not get there
 */
export async function awaitGenerations(
  running: RunningStack,
  inForce: (container: string) => Promise<string>,
  patienceMs = 120_000,
): Promise<void> {
  const servers = [
    ...containersOf(running).map(({ role, name }) => ({
      container: name,
      generation: running.generations[role],
    })),
    ...running.furtherServers,
  ];
  for (const { container, generation } of servers) {
    const deadline = performance.now() + patienceMs;
    let seen = await inForce(container);
    while (seen !== generation) {
      if (performance.now() > deadline) {
        throw new Error(`${container} has ${seen} in force instead of ${generation}.`);
      }
      await sleep(Math.min(200, patienceMs));
      seen = await inForce(container);
    }
  }
}
