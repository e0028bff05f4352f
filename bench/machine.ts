/** On which machine the bench runs, and how much other work it has meanwhile. */
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** The means of one minute, at the beginning and later. */
const loads = [loadavg()[0] ?? 0];
const EVERY_MS = 60_000;

/** Looks at the load once a minute from now on, without keeping the program alive. */
export function watchLoad(): void {
  setInterval(() => loads.push(loadavg()[0] ?? 0), EVERY_MS).unref();
}

/** What has been seen of the load so far. The bench's own work, of one or two processes at a time, is part of it. */
export function seenLoad(): { readonly from: number; readonly to: number } {
  const all = [...loads, loadavg()[0] ?? 0];
  return { from: Math.min(...all), to: Math.max(...all) };
}

/** For people. @example "2 × Intel Xeon, 24 GiB of memory, Linux 6.1" */
export function describeMachine(): string {
  const [{ model } = { model: "" }] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const processor = model.trim() === "" ? "processors of an unknown kind" : model.trim().replace(/\s+/g, " ");
  return `${availableParallelism()} × ${processor}, ${memory} GiB of memory, Linux ${release().split("-")[0]}`;
}
