/** The Docker Engine that a stack is about: never simply the one of this machine. */
import { DockerEngine } from "../engine/docker-engine.ts";
import { dockerHostIn } from "../stacks/reading/stack-file.ts";
import type { Step } from "../toolchain/step.ts";
import { previewSteps, stepsWith } from "../toolchain/steps.ts";
import { type Call, textOf } from "./command.ts";
import { engineInState } from "./exported-state.ts";
import { readStackFile } from "./pulumi.ts";

/**
 * The engine that the stack file names: where `up` puts things.
 *
 * @throws StackFileError when the file is not valid YAML or its `dockerHost` is not an engine's address
 */
export function declaredEngine(stack: string): DockerEngine {
  const { name, text } = readStackFile(stack);
  return new DockerEngine(dockerHostIn(name, text));
}

/**
 * The engine that the stack runs on, which another one in the stack file does not change before an `up`.
 *
 * @param exported - what `pulumi stack export` prints
 */
export function engineOf(stack: string, exported: string): DockerEngine {
  const known = engineInState(exported);
  return known === undefined ? declaredEngine(stack) : new DockerEngine(known.host);
}

/** What must be ready for a command that needs the stack's engine. */
export function stepsOf(call: Call): readonly Step[] {
  return stepsWith(declaredEngine(textOf(call, "stack")).host);
}

/** What must be ready for a command that shows what would change. */
export function previewStepsOf(call: Call): readonly Step[] {
  return previewSteps(declaredEngine(textOf(call, "stack")).host);
}
