import type { Report } from "./report.ts";
import type { State, Step } from "./step.ts";

/** Makes everything ready that `steps` name, in this order, one line per step; says nothing where there was nothing to do. */
export async function setUp(steps: readonly Step[], report: Report): Promise<void> {
  const states = await Promise.all(steps.map((step) => step.inspect()));
  if (states.every((state) => state.ready)) return;
  for (const step of steps) await ensureStep(step, report);
}

async function ensureStep(step: Step, report: Report): Promise<State> {
  const started = performance.now();
  const state = await step.ensure(report);
  report.done(state.found, performance.now() - started);
  return state;
}
