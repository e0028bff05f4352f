import { styleText } from "node:util";
import { allSteps } from "../toolchain/steps.ts";
import { type Command, jsonOption } from "./command.ts";

/** Says what is there and what is missing, without changing anything. Exit status 1 when something is missing. */
export const command: Command = {
  usage: "[--json]",
  options: jsonOption,
  setUp: [],

  async run({ values }) {
    const steps = await Promise.all(
      allSteps.map(async (step) => ({ name: step.name, ...(await step.inspect()) })),
    );
    const ready = steps.every((step) => step.ready);
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify({ ready, steps }, undefined, 2)}\n`);
      return ready ? 0 : 1;
    }
    for (const step of steps) {
      const mark = step.ready ? styleText("green", "✔") : styleText("red", "✘");
      process.stdout.write(`${mark} ${step.found}\n`);
      if (step.remedy !== undefined) process.stdout.write(`  \`npm run up\` would: ${step.remedy}\n`);
    }
    return ready ? 0 : 1;
  },
};
