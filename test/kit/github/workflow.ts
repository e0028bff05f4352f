import { readFileSync } from "node:fs";
import { parse } from "yaml";
import * as z from "zod";

/** Strict: a key that the runner in here does not honour would make its result say nothing of GitHub's. */
const variables = z.record(z.string(), z.string());
const step = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
  env: variables.default({}),
  run: z.string().optional(),
  shell: z.literal("bash").optional(),
  "continue-on-error": z.boolean().default(false),
});
const job = z.strictObject({
  if: z.string().optional(),
  "runs-on": z.string(),
  "timeout-minutes": z.number().optional(),
  permissions: variables,
  environment: z.string().optional(),
  env: variables.default({}),
  steps: z.array(step),
});
const workflow = z.looseObject({ jobs: z.record(z.string(), job) });

export type WorkflowStep = z.infer<typeof step>;
export type WorkflowJob = z.infer<typeof job>;

/** The one job of a workflow in `.github/workflows/`. */
export function readJob(name: string): WorkflowJob {
  const file = new URL(`../../../.github/workflows/${name}.yml`, import.meta.url);
  const [only, ...others] = Object.values(workflow.parse(parse(readFileSync(file, "utf8"))).jobs);
  if (only === undefined || others.length > 0) throw new Error(`${name}.yml has not exactly one job.`);
  return only;
}
