import type { DockerEngine } from "../engine/docker-engine.ts";
import { formerServers } from "../stacks/preflight/former-servers.ts";
import { findHeld } from "../stacks/preflight/held-ports.ts";
import { resourcesInState } from "./exported-state.ts";
import { project } from "./project.ts";
import { askPulumi, previewJson } from "./pulumi.ts";
import { declaredSettings } from "./stack-engine.ts";

/** A container that stands in the way of a server. */
export interface Holder {
  readonly server: string;
  readonly urn: string;
  readonly id: string | undefined;
  /** What it has, and the setting that asks for it, one line each. */
  readonly reasons: readonly string[];
}

/**
 * The containers that have to go before an update: Pulumi makes what is new before it deletes what is old, and another
 * server gets one of their ports or places.
 *
 * @param exported - what `pulumi stack export` prints
 * @returns none where the settings have problems, which the program reports
 */
export function findHolders(stack: string, exported: string): Holder[] {
  const settings = declaredSettings(stack);
  if (settings === undefined) return [];
  const former = formerServers({ project, stack }, resourcesInState(exported));
  const byHolder = Map.groupBy(findHeld(settings, former, stack), ({ holder }) => holder);
  return [...byHolder].flatMap(([server, held]) => {
    const container = former.containers.get(server);
    const reasons = held.map(({ what, setting }) => `${what}, for ${setting}`);
    return container === undefined ? [] : [{ server, ...container, reasons }];
  });
}

/** A step that was cut off may have removed it already. */
function isGone(error: unknown): void {
  if (!/no such container/i.test(String(error))) throw error;
}

/**
 * Removes the containers of {@link findHolders} and nothing else: every other server runs on, and volumes stay. Before
 * that a preview must succeed, so that what the program refuses takes down nobody.
 */
export async function removeHolders(
  stack: string,
  engine: DockerEngine,
  holders: readonly Holder[],
): Promise<void> {
  await previewJson(stack);
  for (const { urn, id } of holders) {
    if (id !== undefined) await engine.removeRunning(id).catch(isGone);
    await askPulumi(stack, ["refresh", "--target", urn, "--yes", "--skip-preview", "--suppress-outputs"]);
  }
}
