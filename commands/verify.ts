import { stackOutputs } from "../toolchain/pulumi.ts";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { exitStatus, formatReport, summary, toJson } from "../verify/report.ts";
import { parseTarget, type Target, TargetError } from "../verify/target.ts";
import { verify } from "../verify/verify.ts";
import { type Command, jsonOption, stackOption, textOf } from "./command.ts";

/** Exit status 0: all well, 1: something is broken, 2: not everything could be checked. */
export const command: Command = {
  usage: "[--stack NAME] [--json]",
  options: { ...stackOption, ...jsonOption },
  setUp: stateSteps,

  async run(call) {
    const target = await targetOf(textOf(call, "stack"), call.report);
    if (target === undefined) return 2;
    if (call.values.json !== true) return await verifyTarget(target, call.report, true);
    const results = await verify(target);
    process.stdout.write(`${JSON.stringify(toJson(results), undefined, 2)}\n`);
    return exitStatus(results);
  },
};

/** Where there is nothing to check, nothing has been shown to be broken either. */
async function targetOf(stack: string, report: Report): Promise<Target | undefined> {
  try {
    return parseTarget(await stackOutputs(stack));
  } catch (error) {
    if (!(error instanceof ToolchainError || error instanceof TargetError)) throw error;
    report.fail(error.message);
    return undefined;
  }
}

/**
 * Checks a running domain for people.
 *
 * @param every - print every check, also when all are well
 * @returns the exit status
 */
export async function verifyTarget(target: Target, report: Report, every: boolean): Promise<number> {
  const started = performance.now();
  let done = 0;
  const results = await report.during("checking the running domain", (detail) =>
    verify(target, {
      onResult: ({ title }) => {
        done += 1;
        detail(`${done} done, last: ${title}`);
      },
    }),
  );
  const status = exitStatus(results);
  if (every || status !== 0) process.stdout.write(formatReport(results, { colour: process.stdout.isTTY }));
  else report.done(summary(results), performance.now() - started);
  return status;
}
