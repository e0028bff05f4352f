import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** Names the file into which {@link FileTimes} writes. */
export const timesVariable = "MAILDOMAIN_TEST_TIMES";

/** Seconds by test file, its hooks included: vitest's own JSON report knows of the tests alone. */
export type TestTimes = Readonly<Record<string, number>>;

/** Where a checkout has the time of each lab file: vitest.config.ts starts what takes longest first. */
export const keptFile = "test/lab/times.json";

/** Keeps what a run has measured of lab files, in whole seconds, beside what was measured before of others that are still there. */
export function keepTimes(times: TestTimes, folder: string): void {
  const file = join(folder, keptFile);
  const former = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as TestTimes) : {};
  const rows = Object.entries({ ...former, ...times })
    .filter(([name]) => name.startsWith("test/lab/") && existsSync(join(folder, name)))
    .map(([name, seconds]) => [name, Math.round(seconds)] as const)
    .toSorted(([a], [b]) => a.localeCompare(b));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
}

/** A reporter of vitest. */
export default class FileTimes implements Reporter {
  readonly #seconds: Record<string, number> = {};

  onTestModuleEnd(file: TestModule): void {
    const { collectDuration, setupDuration, prepareDuration, duration } = file.diagnostic();
    this.#seconds[file.relativeModuleId] =
      (collectDuration + setupDuration + prepareDuration + duration) / 1000;
  }

  onTestRunEnd(): void {
    const file = process.env[timesVariable];
    if (file !== undefined) writeFileSync(file, JSON.stringify(this.#seconds));
  }
}

/** A table of the files that took longest, with the rest in one line. Files may run side by side: no sum is the run's. */
export function formatTimes(times: TestTimes, least = 1): string {
  const rows = Object.entries(times).toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b));
  const shown = rows.filter(([, seconds]) => seconds >= least);
  const rest = rows.slice(shown.length);
  const sum = rest.reduce((total, [, seconds]) => total + seconds, 0);
  const lines = [
    ...shown,
    ...(rest.length === 0 ? [] : [[`${rest.length} files of less than ${least} s each`, sum] as const]),
  ];
  return lines.map(([what, seconds]) => `${seconds.toFixed(1).padStart(7)} s  ${what}\n`).join("");
}
