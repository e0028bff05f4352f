import { styleText } from "node:util";
import { print } from "../toolchain/print.mjs";
import { type Finding, resourceFindings } from "../toolchain/resources.ts";
import type { State, Step } from "../toolchain/step.ts";
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
      description: "look at what this stack needs: its Docker Engine, wherever it is, ports, names, plugins",
    },
  },
  setUp: [],

  async run(call) {
    const { values } = call;
    const inspected = (await stepsFor(call)).map(
      async (step): Promise<Named> => ({ name: step.name, ...(await step.inspect()) }),
    );
    const found = await Promise.all([...inspected, resourceFindings(), findingsFor(call)]);
    const steps = found.flat();
    const ready = steps.every((step) => step.ready);
    if (values.json === true) {
      print(`${JSON.stringify({ ready, steps }, undefined, 2)}\n`);
      return ready ? 0 : 1;
    }
    for (const step of steps) {
      print(`${markOf(step)} ${step.found}\n`);
      if (step.note !== undefined) print(`  ${step.note.replaceAll("\n", "\n  ")}\n`);
      if (step.remedy !== undefined) print(`  \`npm run up\` would: ${step.remedy}\n`);
    }
    return ready ? 0 : 1;
  },
};

type Named = State & Pick<Step, "name">;

function markOf({ ready, note }: State): string {
  if (!ready) return styleText("red", "✘");
  return note === undefined ? styleText("green", "✔") : styleText("yellow", "•");
}

/** Whether a stack's file has problems, and ports, names and plugins where it can be read. */
async function findingsFor(call: Call): Promise<readonly Finding[]> {
  const { stack } = call.values;
  if (typeof stack !== "string") return [];
  const [{ declaredEngine, declaredSettings, problemsOf }, { fileFinding, stackFindings }] =
    await Promise.all([import("./stack-engine.ts"), import("./stack-findings.ts")]);
  const settings = declaredSettings(stack);
  const file = fileFinding(stack, problemsOf(stack));
  return settings === undefined
    ? [file]
    : [file, ...(await stackFindings(stack, settings, declaredEngine(stack)))];
}

/** A stack file is read by packages that a bare machine lacks: without a stack there is no need for them. */
async function stepsFor(call: Call): Promise<readonly Step[]> {
  if (call.values.stack === undefined) return allSteps;
  const { stepsOf } = await import("./stack-engine.ts");
  return stepsOf(call);
}
