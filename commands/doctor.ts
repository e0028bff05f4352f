import { styleText } from "node:util";
import { print } from "../toolchain/print.mjs";
import type { Step } from "../toolchain/step.ts";
import { allSteps } from "../toolchain/steps.ts";
import { type Call, type Command, jsonOption } from "./command.ts";

/** Says what is there and what is missing, without changing anything. Exit status 1 when something is missing. */
export const command: Command = {
  usage: "[--stack NAME] [--json]",
  options: {
    ...jsonOption,
    stack: {
      type: "string",
      short: "s",
      value: "NAME",
      description: "look at the Docker Engine of this stack, wherever it is",
    },
  },
  setUp: [],

  async run(call) {
    const { values } = call;
    const steps = await Promise.all(
      (await stepsFor(call)).map(async (step) => ({ name: step.name, ...(await step.inspect()) })),
    );
    const ready = steps.every((step) => step.ready);
    if (values.json === true) {
      print(`${JSON.stringify({ ready, steps }, undefined, 2)}\n`);
      return ready ? 0 : 1;
    }
    for (const step of steps) {
      const mark = step.ready ? styleText("green", "✔") : styleText("red", "✘");
      print(`${mark} ${step.found}\n`);
      if (step.note !== undefined) print(`  ${step.note}\n`);
      if (step.remedy !== undefined) print(`  \`npm run up\` would: ${step.remedy}\n`);
    }
    return ready ? 0 : 1;
  },
};

/** A stack file is read by packages that a bare machine lacks: without a stack there is no need for them. */
async function stepsFor(call: Call): Promise<readonly Step[]> {
  if (call.values.stack === undefined) return allSteps;
  const { stepsOf } = await import("./stack-engine.ts");
  return stepsOf(call);
}
