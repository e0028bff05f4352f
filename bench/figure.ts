import { textTable } from "../commands/text-table.ts";

/** One measured figure: what was measured against what, both in the same run. */
export interface Figure {
  readonly name: string;
  /** The measured value over its baseline's; for memory and waiting times, the value alone. */
  readonly value: number;
  readonly unit: "ratio" | "MiB" | "s" | "% of one core";
  /** The largest value that is good; none where a figure only informs. */
  readonly limit?: number | undefined;
  /** What it comes from, for people: medians, counts. */
  readonly detail: string;
}

export function isWithinLimit({ value, limit }: Figure): boolean {
  return limit === undefined || value <= limit;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A figure's cells as people read them. */
export function formatFigure(figure: Figure): Record<"name" | "value" | "limit" | "detail", string> {
  const { name, value, unit, limit, detail } = figure;
  return {
    name,
    value: {
      ratio: value.toFixed(2),
      MiB: `${value.toFixed(0)} MiB`,
      s: `${value.toFixed(1)} s`,
      "% of one core": `${value.toFixed(1)} %`,
    }[unit],
    limit: limit === undefined ? "" : `≤ ${+limit.toFixed(2)}${isWithinLimit(figure) ? "" : " MISSED"}`,
    detail,
  };
}

export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => Object.values(formatFigure(figure)));
  return textTable([["figure", "value", "limit", "from"], ...rows]);
}

/** Milliseconds that `work` takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Milliseconds as people read them. */
export function seconds(milliseconds: number, digits = 2): string {
  return `${(milliseconds / 1000).toFixed(digits)} s`;
}
