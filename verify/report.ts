import { styleText } from "node:util";
import { shownInLine } from "../naming/unseen.mjs";
import { wrapped } from "../naming/wrapped.mjs";
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
  readonly colour?: boolean | undefined;
  /** A line per check, rather than one per group. @default false */
  readonly all?: boolean | undefined;
  /** The width of the terminal, at which lines are wrapped by words. @default lines are as long as what they say */
  readonly columns?: number | undefined;
}

const mark = { ok: "ok", failed: "FAILED", skipped: "skipped" } as const;
const groupMark = { ok: "✔", failed: "✘", skipped: "•" } as const;
const colour = { ok: "green", failed: "red", skipped: "yellow" } as const;

/** Worst last: what people read first is where they look, above the prompt. */
const severities = ["ok", "skipped", "failed"] as const;

/**
 * The report for people, in which nothing that a server says reaches a terminal as a command: a line per group, then each
 * check that is not well with why it matters and how to fix it.
 */
export function formatReport(results: readonly Result[], options: ReportOptions = {}): string {
  const overview =
    options.all === true ? everyCheck(results, options) : [...groupLines(results, options), ""];
  const notWell = severities
    .filter((status) => status !== "ok")
    .flatMap((status) => results.filter(({ outcome }) => outcome.status === status));
  const consequences = Map.groupBy(notWell, (result) => causeOf(result, notWell)?.id);
  const explained = byGroup(consequences.get(undefined) ?? []).flatMap(([group, members]) => [
    shownInLine(group),
    ...withOneReason(members).flatMap((alike) => [
      ...formatAlike(alike, widthOf(members), options),
      ...formatConsequences(
        alike.flatMap(({ id }) => consequences.get(id) ?? []),
        options,
      ),
    ]),
    "",
  ]);
  return [...overview, ...explained, summary(results), ""].join("\n");
}

/**
 * A line per kind of group: those of several domains or servers are one, so that it does not grow with them.
 *
 * @example "✔ DNS   98 checks"
 */
function groupLines(results: readonly Result[], options: ReportOptions): string[] {
  const kinds = [...Map.groupBy(results, ({ group }) => kindOf(group))];
  const width = Math.max(0, ...kinds.map(([kind]) => kind.length));
  return kinds.map(([kind, members]) => {
    const of = (wanted: Outcome["status"]) =>
      members.filter(({ outcome }) => outcome.status === wanted).length;
    const status = severities.findLast((each) => of(each) > 0) ?? "ok";
    const counts = [
      members.length === 1 ? "1 check" : `${members.length} checks`,
      ...(of("failed") > 0 ? [`${of("failed")} failed`] : []),
      ...(of("skipped") > 0 ? [`${of("skipped")} could not be run`] : []),
    ];
    return `${marked(groupMark[status], status, options)} ${kind.padEnd(width)}  ${counts.join(", ")}`;
  });
}

/** Groups name their domain or server last: `DNS of example.org`, `Service: mail.example.org`. */
function kindOf(group: string): string {
  return shownInLine(group.split(/ of | from |: /)[0] ?? group);
}

function everyCheck(results: readonly Result[], options: ReportOptions): string[] {
  const width = widthOf(results);
  return byGroup(results).flatMap(([group, members]) => [
    shownInLine(group),
    ...members.flatMap((result) => formatLine(result, width, options)),
    "",
  ]);
}

function byGroup(results: readonly Result[]): [string, Result[]][] {
  return [...Map.groupBy(results, ({ group }) => group)];
}

function widthOf(results: readonly Result[]): number {
  return Math.max(0, ...results.map(({ title }) => shownInLine(title).length));
}

/** Below the titles, after the marks. */
const indent = " ".repeat(11);

/** One cause fails the same check at several ports: its reason and remedy are said once. */
function withOneReason(results: readonly Result[]): Result[][] {
  const reasonOf = ({ why, outcome }: Result) =>
    JSON.stringify([why, outcome.status, outcome.status === "ok" ? "" : outcome.remedy]);
  return [...Map.groupBy(results, reasonOf).values()];
}

/** What has failed because of another check's failure is well again with it: its own remedy would lead astray. */
function causeOf({ outcome, follows = [] }: Result, results: readonly Result[]): Result | undefined {
  if (outcome.status !== "failed") return undefined;
  const cause = results.find(({ id, outcome: other }) => other.status === "failed" && follows.includes(id));
  return cause && (causeOf(cause, results) ?? cause);
}

function formatConsequences(results: readonly Result[], options: ReportOptions): string[] {
  if (results.length === 0) return [];
  const titles = results.map(({ title }) => shownInLine(title));
  return wrapped(
    `${indent}so also failed: ${titles.join("; ")}`,
    options.columns ?? Number.POSITIVE_INFINITY,
    `${indent}     `,
  );
}

/** @param alike - results with one reason and one remedy. */
function formatAlike(alike: readonly Result[], width: number, options: ReportOptions): string[] {
  const last = alike.at(-1);
  const before = alike.slice(0, -1).flatMap((result) => formatLine(result, width, options));
  return last === undefined ? [] : [...before, ...formatResult(last, width, options)];
}

function formatResult(result: Result, width: number, options: ReportOptions): string[] {
  const { why, outcome } = result;
  const line = formatLine(result, width, options);
  if (outcome.status === "ok") return line;
  const columns = options.columns ?? Number.POSITIVE_INFINITY;
  const said = (label: string, text: string) =>
    wrapped(`${indent}${label}: ${shownInLine(text)}`, columns, `${indent}     `);
  return [...line, ...said("why", why), ...said("fix", outcome.remedy)];
}

function formatLine({ title, outcome }: Result, width: number, options: ReportOptions): string[] {
  const word = mark[outcome.status].padEnd(7);
  const line = `  ${word}  ${shownInLine(title).padEnd(width)}  ${shownInLine(outcome.seen)}`.trimEnd();
  const [first = "", ...more] = wrapped(line, options.columns ?? Number.POSITIVE_INFINITY, indent);
  return [first.replace(word, () => marked(word, outcome.status, options)), ...more];
}

/** The caller knows whether its output is a terminal. */
function marked(text: string, status: Outcome["status"], options: ReportOptions): string {
  return options.colour === true ? styleText(colour[status], text, { validateStream: false }) : text;
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
    checks: results.map(({ outcome, isHint: _, follows: __, ...check }) => ({ ...check, ...outcome })),
  };
}
