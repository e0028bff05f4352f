import { baseImageOn } from "./base-image.ts";
import { compiledProgram } from "./compiled-program.ts";
import { dockerEngine, engineElsewhere } from "./docker-engine.ts";
import { dockerPlugin } from "./docker-plugin.ts";
import { node, npmDependencies } from "./node.ts";
import { pulumiCli } from "./pulumi-cli.ts";
import { state } from "./state.ts";
import type { Step } from "./step.ts";

/**
 * What a stack's program needs; each step may rely on the ones before it.
 *
 * @param engineHost - the engine that the stack names; without one, an engine is made ready on this machine.
 */
export function stepsWith(engineHost?: string): readonly Step[] {
  const engine = engineHost === undefined ? dockerEngine : engineElsewhere(engineHost);
  return [
    npmDependencies,
    node,
    engine,
    baseImageOn(engineHost),
    pulumiCli,
    dockerPlugin,
    state,
    compiledProgram,
  ];
}

/** What a preview needs: an engine elsewhere is not asked, since whoever reviews a change may have no login there. */
export function previewSteps(engineHost?: string): readonly Step[] {
  if (engineHost === undefined) return allSteps;
  return [npmDependencies, node, pulumiCli, dockerPlugin, state, compiledProgram];
}

/** What a stack needs that runs on this machine. */
export const allSteps: readonly Step[] = stepsWith();

/** What reading a stack's state needs: no Docker. */
export const stateSteps: readonly Step[] = [npmDependencies, node, pulumiCli, state];
