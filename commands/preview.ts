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
    // Outputs repeat every mailbox and record, which the steps show where they change.
    return await pulumi(stack, ["preview", "--suppress-outputs", ...call.rest]);
  },
};
