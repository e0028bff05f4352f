/** CPU time by process: on a machine that has other work it says more than the time that passes. */
import { readdirSync, readFileSync } from "node:fs";
import { median, time } from "./figure.ts";

/** Milliseconds of CPU time of all processes that some work has started. */
export interface CpuTime {
  readonly total: number;
  /** Milliseconds that passed. */
  readonly wall: number;
  /** Of each program that ran long enough to be seen. */
  readonly by: ReadonlyMap<string, number>;
}

/** The programs of an operation of Pulumi's, by their command lines; the first that fits. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/pulumi-language-nodejs/, "language host"],
  [/pulumi-resource-docker/, "Docker plugin"],
  [/provider\/main\.ts|pulumi-resource-maildomain/, "provider"],
  [/@pulumi\/pulumi\/cmd\/run\//, "program"],
  [/(?:^|\/)pulumi\b/, "CLI"],
];

const TICK_MS = 10;
const SAMPLE_MS = 50;

/** Runs some work whose programs are children of this process, one work at a time. */
export async function cpuTime(work: () => Promise<unknown>): Promise<CpuTime> {
  const seen = new Map<number, { program: string; ms: number }>();
  const look = () => {
    for (const pid of descendants(process.pid)) note(seen, pid);
  };
  const before = ofChildren();
  const timer = setInterval(look, SAMPLE_MS);
  let wall = 0;
  try {
    wall = await time(work);
  } finally {
    clearInterval(timer);
  }
  const by = new Map<string, number>();
  for (const { program, ms } of seen.values()) by.set(program, (by.get(program) ?? 0) + ms);
  return { total: ofChildren() - before, wall, by };
}

/** The medians of several times, program by program. */
export function medianCpuTime(times: readonly CpuTime[]): CpuTime {
  const programs = new Set(times.flatMap(({ by }) => [...by.keys()]));
  return {
    total: median(times.map(({ total }) => total)),
    wall: median(times.map(({ wall }) => wall)),
    by: new Map(
      [...programs].map((program) => [program, median(times.map(({ by }) => by.get(program) ?? 0))]),
    ),
  };
}

/** For people: the largest first. */
export function formatCpuTime({ total, by }: CpuTime): string {
  const parts = [...by].filter(([, ms]) => ms >= 50).toSorted(([, a], [, b]) => b - a);
  const each = parts.map(([program, ms]) => `${program} ${(ms / 1000).toFixed(2)}`);
  return `${(total / 1000).toFixed(2)} s (${each.join(", ")})`;
}

function note(seen: Map<number, { program: string; ms: number }>, pid: number): void {
  const stat = read(`/proc/${pid}/stat`);
  const line = read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ");
  if (stat === undefined) return;
  const program = programs.find(([form]) => line !== undefined && form.test(line))?.[1];
  const known = seen.get(pid);
  seen.set(pid, { program: program ?? known?.program ?? "others", ms: ticks(stat, 11, 12) });
}

/** CPU time of the children that have ended, and of theirs. */
function ofChildren(): number {
  return ticks(readFileSync("/proc/self/stat", "utf8"), 13, 14);
}

/** The sum of two fields of a process' status, counted after its name, which may hold blanks. */
function ticks(stat: string, user: number, system: number): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[user]) + Number(fields[system])) * TICK_MS;
}

function descendants(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (read(`/proc/${pid}/task/${thread}/children`) ?? "").split(" ").filter(Boolean).map(Number),
    );
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

/** @returns undefined for a process that has ended meanwhile */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
