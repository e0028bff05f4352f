import type { Report } from "./report.ts";
import type { State, Step } from "./step.ts";

/**
 * Makes everything ready that `steps` name, in this order, one line per step; says nothing where there was nothing to do for
 * people to know of.
 */
export async function setUp(steps: readonly Step[], report: Report): Promise<void> {
  const looked = await Promise.all(steps.map(async (step) => ({ step, state: await step.inspect() })));
  const missing = looked.flatMap(({ step, state }) => (state.ready ? [] : [step]));
  if (missing.every(({ isCache }) => isCache)) for (const step of missing) await step.ensure(report);
  else for (const step of steps) await ensureStep(step, report);
}

async function ensureStep(step: Step, report: Report): Promise<State> {
  const started = performance.now();
  const state = await step.ensure(report);
  report.done(state.found, performance.now() - started);
  return state;
}
