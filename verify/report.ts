import { styleText } from "node:util";
import { shownInLine } from "../naming/unseen.mjs";
import type { Outcome, Result } from "./check.ts";
import type { JsonReport } from "./report-schema.ts";

/** 0: all well; 1: something is broken; 2: nothing seen broken, but not everything could be checked. */
export type ExitStatus = 0 | 1 | 2;

export function exitStatus(results: readonly Result[]): ExitStatus {
  const deciding = results.filter(({ isHint, outcome }) => !(isHint && outcome.status === "failed"));
  const has = (status: Outcome["status"]) => deciding.some((result) => result.outcome.status === status);
  if (has("failed")) return 1;
  // A run that asked nothing has not shown that anything works.
  return has("skipped") || results.length === 0 ? 2 : 0;
}

export interface ReportOptions {
  /** Colour the marks for a terminal. @default false */
  readonly colour?: boolean;
}

const mark = { ok: "ok", failed: "FAILED", skipped: "skipped" } as const;
const colour = { ok: "green", failed: "red", skipped: "yellow" } as const;

/**
 * The report for people, in which nothing that a server says reaches a terminal as a command: a table by group; a failed check also
 * says why it matters and how to fix it.
 */
export function formatReport(results: readonly Result[], options: ReportOptions = {}): string {
  const width = Math.max(0, ...results.map(({ title }) => shownInLine(title).length));
  const lines: string[] = [];
  for (const [group, members] of Map.groupBy(results, (result) => result.group)) {
    lines.push(group);
    for (const result of members) lines.push(...formatResult(result, width, options));
    lines.push("");
  }
  return [...lines, summary(results), ""].join("\n");
}

function formatResult({ title, why, outcome }: Result, width: number, options: ReportOptions): string[] {
  const word = mark[outcome.status].padEnd(7);
  // The caller knows whether its output is a terminal.
  const marked = options.colour ? styleText(colour[outcome.status], word, { validateStream: false }) : word;
  const line = `  ${marked}  ${shownInLine(title).padEnd(width)}  ${shownInLine(outcome.seen)}`.trimEnd();
  if (outcome.status === "ok") return [line];
  const indent = " ".repeat(11);
  return [line, `${indent}why: ${shownInLine(why)}`, `${indent}fix: ${shownInLine(outcome.remedy)}`];
}

/**
 * What differs from the run before, one line per check, as `--watch` prints it.
 *
 * @param before - the results of the run before; a check that is new counts as one that was well.
 */
export function formatChanges(
  before: readonly Result[],
  after: readonly Result[],
  options: ReportOptions = {},
): string {
  const earlier = new Map(before.map((result) => [result.id, result.outcome.status]));
  const changed = after.filter(({ id, outcome }) => outcome.status !== (earlier.get(id) ?? "ok"));
  return changed.flatMap((result) => [...formatResult(result, 0, options), ""]).join("\n");
}

/** One line: how many checks there were, and their outcome. */
export function summary(results: readonly Result[]): string {
  const count = (status: Outcome["status"]) => results.filter((r) => r.outcome.status === status).length;
  const [failures, skips] = [count("failed"), count("skipped")];
  if (failures === 0 && skips === 0) return `All ${results.length} checks passed.`;
  const parts = [`${count("ok")} of ${results.length} checks passed`];
  if (failures > 0) parts.push(`${failures} failed`);
  if (skips > 0) parts.push(`${skips} could not be run`);
  return `${parts.join(", ")}.`;
}

/** The report for machines. `status` is the exit status of the run. */
export function toJson(results: readonly Result[]): JsonReport {
  return {
    version: 1,
    status: exitStatus(results),
    summary: summary(results),
    checks: results.map(({ outcome, isHint: _, ...check }) => ({ ...check, ...outcome })),
  };
}
