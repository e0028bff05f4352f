import { ensureStack, pulumi } from "../toolchain/pulumi.ts";
import { allSteps } from "../toolchain/steps.ts";
import { type Command, stackOption, textOf } from "./command.ts";

export const command: Command = {
  usage: "[--stack NAME] [-- OPTIONS OF pulumi preview]",
  options: stackOption,
  takes: { rest: true },
  setUp: allSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    await ensureStack(stack);
    return await pulumi(stack, ["preview", ...call.rest]);
  },
};
