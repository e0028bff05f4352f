/** The second half of every npm script, after `toolchain/run.mjs`: what may be TypeScript. */
import { EngineUnreachableError } from "../engine/errors.ts";
import { print } from "../toolchain/print.mjs";
import { Report } from "../toolchain/report.ts";
import { setUp } from "../toolchain/set-up.ts";
import { type Command, UsageError } from "./command.ts";
import { commandHelp, parseCall } from "./command-line.ts";
import { refuseOptionsTakenByNpm } from "./options-taken-by-npm.ts";

const load: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  up: () => import("./up.ts"),
  preview: () => import("./preview.ts"),
  review: () => import("./review.ts"),
  down: () => import("./down.ts"),
  verify: () => import("./verify.ts"),
  drift: () => import("./drift.ts"),
  clients: () => import("./clients.ts"),
  trust: () => import("./trust.ts"),
  names: () => import("./names.ts"),
  records: () => import("./records.ts"),
  adopt: () => import("./adopt.ts"),
  updates: () => import("./updates.ts"),
  stages: () => import("./stages.ts"),
  import: () => import("./import.ts"),
  password: () => import("./password.ts"),
  archive: () => import("./archive.ts"),
  limits: () => import("./limits.ts"),
  new: () => import("./new.ts"),
  exercise: () => import("./exercise.ts"),
  doctor: () => import("./doctor.ts"),
  env: () => import("./env.ts"),
  check: () => import("./check.ts"),
  package: () => import("./package.ts"),
  test: () => import("./test.ts"),
  bench: () => import("./bench.ts"),
  catalogue: () => import("./catalogue.ts"),
};

const report = new Report();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  report.fail(describe(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main([name = "", ...words]: readonly string[]): Promise<number> {
  const loadCommand = load[name];
  if (loadCommand === undefined) throw new UsageError(`"${name}" is not a command.`);
  const { command } = await loadCommand();
  refuseOptionsTakenByNpm(name, command, words, process.env);
  const call = parseCall(name, command, words, report);
  if (call.values.help === true) {
    print(commandHelp(name, command));
    return 0;
  }
  const steps = typeof command.setUp === "function" ? command.setUp(call) : command.setUp;
  if (steps.length > 0) await setUp(steps, report);
  return await command.run(call);
}

/** An error class of our own has a message for people; anything else is a mistake in here, and needs its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof EngineUnreachableError) return `${error.message}\n${error.remedy}`;
  const ours = !["Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError"].includes(error.name);
  return ours ? error.message : (error.stack ?? error.message);
}
