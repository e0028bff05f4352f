import { OutputsError, parseRunningStack, type RunningStack } from "../outputs/running-stack.ts";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { keysInState } from "./exported-state.ts";
import { exportedState, stackOutputs } from "./pulumi.ts";

/**
 * What a stack reports about itself, with the age of its keys.
 *
 * @throws ToolchainError when it has not been provisioned; OutputsError when it is not a mail domain.
 */
export async function readRunningStack(stack: string): Promise<RunningStack> {
  const outputs = await stackOutputs(stack);
  return parseRunningStack({ ...outputs, keys: keysInState(await exportedState(stack)) });
}

/** Where there is nothing to check, nothing has been shown to be broken either. */
export async function runningStackOf(stack: string, report: Report): Promise<RunningStack | undefined> {
  try {
    return await readRunningStack(stack);
  } catch (error) {
    if (!(error instanceof ToolchainError || error instanceof OutputsError)) throw error;
    report.fail(error.message);
    return undefined;
  }
}
