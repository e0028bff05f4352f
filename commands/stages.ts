import { outputsSchema } from "../outputs/schema.ts";
import { formatSteps, nextSteps, type StackStages } from "../stages/next-steps.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { type Command, jsonOption, stackOption, textOf } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";

/** Shows the stage of each key and policy of a stack, the next step, and when it is safe. */
export const command: Command = {
  usage: "[--stack NAME] [--json]",
  options: { ...stackOption, ...jsonOption },
  setUp: stateSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    const steps = nextSteps(parseStages(await stackOutputs(stack)));
    print(
      call.values.json === true
        ? `${JSON.stringify({ version: 1, stack, stages: steps }, undefined, 2)}\n`
        : formatSteps(steps, new Date()),
    );
    return 0;
  },
};

/** @internal @throws ToolchainError where the stack was last deployed before there were stages. */
export function parseStages(outputs: unknown): StackStages {
  const parsed = outputsSchema.pick({ stages: true }).safeParse(outputs);
  if (parsed.success) return parsed.data.stages;
  throw new ToolchainError("The stack has no stages yet: run `npm run up` first.");
}
