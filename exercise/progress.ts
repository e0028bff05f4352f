import * as z from "zod";
import { type StepName, stepNames } from "./step.ts";

const stepProgress = z.object({
  /** When the step was shown: what happened before does not count. */
  begunAt: z.iso.datetime(),
  passedAt: z.iso.datetime().optional(),
  /** How often it was checked. */
  checks: z.int().min(0).default(0),
  /** When its record was broken, and which record the student says it is. */
  brokenAt: z.iso.datetime().optional(),
  found: z.string().optional(),
});
export type StepProgress = z.output<typeof stepProgress>;

/** How far each student is, by address and step. */
export const progressSchema = z.record(z.string(), z.partialRecord(z.enum(stepNames), stepProgress));
export type Progress = z.output<typeof progressSchema>;

export function progressOf(progress: Progress, student: string, step: StepName): StepProgress | undefined {
  return progress[student]?.[step];
}

/** The progress with one step's changed; a step that has not begun begins now. */
export function withStep(
  progress: Progress,
  { student, step, now }: { readonly student: string; readonly step: StepName; readonly now: Date },
  change: Partial<StepProgress>,
): Progress {
  const before = progressOf(progress, student, step) ?? { begunAt: now.toISOString(), checks: 0 };
  return { ...progress, [student]: { ...progress[student], [step]: { ...before, ...change } } };
}

/** The first step that is not passed. */
export function nextStep(progress: Progress, student: string): StepName | undefined {
  return stepNames.find((step) => progressOf(progress, student, step)?.passedAt === undefined);
}
