import { localState, pulumiVariables } from "../toolchain/environment.ts";
import { printExactly } from "../toolchain/print.mjs";
import { type Command, jsonOption, stackOption, textOf } from "./command.ts";
import { ensureStack } from "./pulumi.ts";
import { stepsOf } from "./stack-engine.ts";

/** Prints the variables that plain `npx pulumi` needs; makes the machine ready for it, and the stack in the project's own state. */
export const command: Command = {
  usage: "[--stack NAME] [--json]",
  options: { ...stackOption, ...jsonOption },
  setUp: stepsOf,

  async run(call) {
    // In a state of the user's own it is the user who makes stacks.
    if (localState().folder !== undefined) await ensureStack(textOf(call, "stack"));
    const variables = pulumiVariables();
    const text =
      call.values.json === true
        ? JSON.stringify(variables, undefined, 2)
        : Object.entries(variables)
            .map(([name, value]) => `export ${name}=${shellQuote(value)}`)
            .join("\n");
    printExactly(`${text}\n`);
    return 0;
  },
};

/** @internal A word that a POSIX shell reads unchanged. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
