import { baseImage } from "./base-image.ts";
import { dockerEngine } from "./docker-engine.ts";
import { dockerPlugin } from "./docker-plugin.ts";
import { node, npmDependencies } from "./node.ts";
import { pulumiCli } from "./pulumi-cli.ts";
import { state } from "./state.ts";
import type { Step } from "./step.ts";

/** What a stack's program needs; each step may rely on the ones before it. */
export const allSteps: readonly Step[] = [
  npmDependencies,
  node,
  dockerEngine,
  baseImage,
  pulumiCli,
  dockerPlugin,
  state,
];

/** What reading a stack's state needs: no Docker. */
export const stateSteps: readonly Step[] = [npmDependencies, node, pulumiCli, state];
