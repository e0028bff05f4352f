import type { Report } from "../toolchain/report.ts";
import type { Step } from "../toolchain/step.ts";

/** An option of a command, `--name` or `--name VALUE`. */
export interface CommandOption {
  readonly type: "boolean" | "string";
  /** One line for `--help`. */
  readonly description: string;
  /** What the value is called in `--help`; for `type: "string"`. */
  readonly value?: string;
  readonly short?: string;
  readonly default?: string | boolean;
}

/** What a person asked for. */
export interface Call {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  /** What came after `--`: passed on to the program that does the work, where the command has one. */
  readonly rest: readonly string[];
  readonly report: Report;
}

/** One `npm run` command. Its one-line summary is in `toolchain/command-list.mjs`. */
export interface Command {
  /** What follows `npm run NAME --`, for example `[--stack NAME] ADDRESS`. */
  readonly usage: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Whether arguments without an option's name, or arguments after `--`, mean something; default false. */
  readonly takes?: { readonly positionals?: boolean; readonly rest?: boolean };
  /** What must be ready on the machine before {@link run}; makes it so. */
  readonly setUp: readonly Step[] | ((call: Call) => readonly Step[]);
  /** @returns the exit status */
  run(call: Call): Promise<number>;
}

/** The option of every command that is about one stack. */
export const stackOption = {
  stack: {
    type: "string",
    short: "s",
    value: "NAME",
    default: "lab",
    description: "the stack, a file stacks/Pulumi.NAME.yaml",
  },
} as const satisfies Record<string, CommandOption>;

/** The option of every command whose result a program may read. */
export const jsonOption = {
  json: { type: "boolean", description: "print the result as JSON" },
} as const satisfies Record<string, CommandOption>;

/** The option of every command that asks before it changes this machine. */
export const yesOption = {
  yes: { type: "boolean", short: "y", description: "do not ask" },
} as const satisfies Record<string, CommandOption>;

/** The option of every command that otherwise says what matters first, and leaves out the rest. */
export const allOption = {
  all: { type: "boolean", description: "print everything: each check, and each resource" },
} as const satisfies Record<string, CommandOption>;

/** The value of an option that has a default, or that {@link Call.values} is known to hold. */
export function textOf(call: Call, option: string): string {
  const value = call.values[option];
  if (typeof value !== "string") throw new UsageError(`--${option} needs a value.`);
  return value;
}

/** A usage mistake: one sentence, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
