import type { Report } from "./report.ts";
import type { State, Step } from "./step.ts";

/** Makes everything ready that `steps` name, in this order, one line per step. */
export async function setUp(steps: readonly Step[], report: Report): Promise<void> {
  const started = performance.now();
  const states = await Promise.all(steps.map((step) => step.inspect()));
  const inspected = performance.now() - started;
  if (states.every((state) => state.ready)) {
    report.done(states.map((state) => state.found).join(", "), inspected);
    return;
  }
  for (const step of steps) await ensureStep(step, report);
}

async function ensureStep(step: Step, report: Report): Promise<State> {
  const started = performance.now();
  const state = await step.ensure(report);
  report.done(state.found, performance.now() - started);
  return state;
}
