import type { Result } from "./check.ts";
import { type PlanOptions, planChecks } from "./plan.ts";
import { type RunOptions, runChecks } from "./run.ts";
import type { Target } from "./target.ts";

/** Checks a running domain from the outside. See {@link exitStatus} and {@link formatReport} for the outcome. */
export function verify(target: Target, options: RunOptions & PlanOptions = {}): Promise<Result[]> {
  return runChecks(planChecks(target, options), options);
}
