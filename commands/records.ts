import { parseRunningStack, type RunningStack } from "../outputs/running-stack.ts";
import { renderRecordJson, renderRecordLines, renderRecordTables } from "../records/index.ts";
import { print } from "../toolchain/print.mjs";
import { stateSteps } from "../toolchain/steps.ts";
import { type Command, stackOption, textOf, UsageError } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";

/** Prints the records of every zone of a stack, for people whose DNS is elsewhere. */
export const command: Command = {
  usage: "[--stack NAME] [--format markdown|json|zone]",
  options: {
    ...stackOption,
    format: { type: "string", value: "FORMAT", default: "markdown", description: "markdown, json or zone" },
  },
  setUp: stateSteps,

  async run(call) {
    const format = formats[textOf(call, "format")];
    if (format === undefined) {
      throw new UsageError(`"${textOf(call, "format")}" is not a format: use markdown, json or zone.`);
    }
    print(format(parseRunningStack(await stackOutputs(textOf(call, "stack")))));
    return 0;
  },
};

/** @internal The whole output by its format. */
export const formats: Readonly<
  Record<string, (running: Pick<RunningStack, "zones" | "instructions">) => string>
> = {
  markdown: ({ zones, instructions }) => renderRecordTables(zones, instructions),
  json: ({ zones, instructions }) => renderRecordJson(zones, instructions),
  zone: ({ zones, instructions }) => renderRecordLines(zones, instructions),
};
