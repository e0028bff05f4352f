import { type Command, stackOption, textOf } from "./command.ts";
import { ensureStack, pulumi } from "./pulumi.ts";
import { previewStepsOf } from "./stack-engine.ts";

export const command: Command = {
  usage: "[--stack NAME] [-- OPTIONS OF pulumi preview]",
  options: stackOption,
  takes: { rest: true },
  setUp: previewStepsOf,

  async run(call) {
    const stack = textOf(call, "stack");
    await ensureStack(stack);
    return await pulumi(stack, ["preview", ...call.rest]);
  },
};
