import { setTimeout as sleep } from "node:timers/promises";
import { EngineUnreachableError } from "../engine/errors.ts";
import { findingOf } from "./cause.ts";
import { CannotCheckError, type Check, FindingError, failed, type Outcome, type Result } from "./check.ts";
import { sideBySide } from "./side-by-side.ts";

export interface RunOptions {
  /** How many checks run side by side. @default 12 */
  readonly concurrency?: number;
  /** Milliseconds after which a check counts as failed. @default 30000 */
  readonly timeoutMs?: number;
  /** Called with every result as it arrives. */
  readonly onResult?: (result: Result) => void;
  /** Called whenever a check begins or ends. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far a run has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** The titles of those that are running, the one that began first first. */
  readonly running: readonly string[];
}

/**
 * Runs the stages one after another and the checks of a stage side by side.
 *
 * @returns the results in the order of the plan, whatever the order in which they finished.
 */
export async function runChecks(
  stages: readonly (readonly Check[])[],
  options: RunOptions = {},
): Promise<Result[]> {
  const results: Result[] = [];
  const progress = new RunProgress(stages.flat().length, options);
  for (const stage of stages) results.push(...(await runStage(stage, options, progress)));
  return results;
}

class RunProgress {
  readonly #total: number;
  readonly #onProgress: RunOptions["onProgress"];
  readonly #running = new Set<Check>();
  #done = 0;

  constructor(total: number, { onProgress }: RunOptions) {
    this.#total = total;
    this.#onProgress = onProgress;
  }

  begin(check: Check): void {
    this.#running.add(check);
    this.#say();
  }

  end(check: Check): void {
    this.#running.delete(check);
    this.#done += 1;
    this.#say();
  }

  #say(): void {
    const running = [...this.#running].map(({ title }) => title);
    this.#onProgress?.({ done: this.#done, total: this.#total, running });
  }
}

async function runStage(
  checks: readonly Check[],
  options: RunOptions,
  progress: RunProgress,
): Promise<Result[]> {
  const { concurrency = 12, timeoutMs = 30_000, onResult } = options;
  const results: Result[] = [];
  await sideBySide(checks.entries(), concurrency, async ([index, check]) => {
    progress.begin(check);
    const result = await runCheck(check, check.timeoutMs ?? timeoutMs);
    results[index] = result;
    progress.end(check);
    onResult?.(result);
  });
  return results;
}

async function runCheck(check: Check, timeoutMs: number): Promise<Result> {
  const { id, group, title, why, follows } = check;
  const start = performance.now();
  const outcome = await Promise.race([settle(check), timeout(check, timeoutMs)]);
  const milliseconds = Math.round(performance.now() - start);
  return {
    ...{ id, group, title, why, outcome, milliseconds },
    ...(check.isHint && { isHint: true }),
    ...(follows && { follows }),
  };
}

async function settle(check: Check): Promise<Outcome> {
  try {
    return await check.run();
  } catch (error) {
    if (error instanceof CannotCheckError || error instanceof EngineUnreachableError)
      return { status: "skipped", seen: error.message, remedy: error.remedy };
    const { seen, remedy } = findingOf(error);
    // The cause of a finding is known, whatever the check expected to go wrong.
    return failed(seen, error instanceof FindingError ? remedy : (check.remedy ?? remedy));
  }
}

async function timeout(check: Check, milliseconds: number): Promise<Outcome> {
  await sleep(milliseconds, undefined, { ref: false });
  const seen = `no result within ${milliseconds / 1000} s`;
  return failed(seen, check.remedy ?? "See which of the servers that it asks answers slowly or not at all.");
}
