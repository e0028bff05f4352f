/** The Docker Engine that a stack is about: never simply the one of this machine. */
import { DockerEngine } from "../engine/docker-engine.ts";
import { dockerHostIn } from "../stacks/reading/stack-file.ts";
import { type Step, ToolchainError } from "../toolchain/step.ts";
import { previewSteps, stepsWith } from "../toolchain/steps.ts";
import { type Call, textOf } from "./command.ts";
import { engineInState, knownIds } from "./exported-state.ts";
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

/**
 * Whether the stack file names another engine than the one that runs the stack. Two addresses may lead to one engine:
 * what the state knows is there or not, by ids that no two engines have in common.
 *
 * @param exported - what `pulumi stack export` prints
 * @returns a note where only the address is another; undefined where it is the same
 * @throws ToolchainError where it is another engine: Pulumi would take all that runs to be there already
 */
export async function refuseOtherEngine(stack: string, exported: string): Promise<string | undefined> {
  const former = engineInState(exported);
  const declared = declaredEngine(stack);
  if (former === undefined || former.host === declared.host) return undefined;
  const known = knownIds(exported);
  const found = await Promise.all([declared.containers(), declared.networks()]);
  const [from, to] = [former.host, declared.host].map((host) => host ?? "the engine of this machine");
  if (found.flat().some(({ id }) => known.has(id))) return `${to} is the engine that was reached as ${from}`;
  throw new ToolchainError(
    [
      `dockerHost: ${to} is another engine than the one that stack ${stack} runs on (${from}). Nothing was changed.`,
      "Its mail and its queue are on the volumes there, and its servers still accept mail. Set dockerHost back to",
      `${from}, or take the stack down there first (\`npm run down\`): its mail stays, on volumes that you can copy; keys and generated passwords are made again.`,
    ].join("\n"),
  );
}
