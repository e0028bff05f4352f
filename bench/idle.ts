/** What a lab at rest costs its machine: its containers, and the engine beside them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../test/kit/engine.ts";
import type { Figure } from "./figure.ts";

/** What an `up` leaves to do: caches, first connections, the health checks' first rounds. In milliseconds. */
const REST_MS = 5 * 60_000;
/** Several stays of a health check would be best, and each is five minutes long. */
const MEASURED_MS = 5 * 60_000;
const ticksPerSecond = 100;

interface Container {
  readonly name: string;
  readonly id: string;
  /** A file with the CPU time of all that has run in it, and what of a second its unit is. */
  readonly usage: { readonly file: string; readonly perSecond: number };
}

/** CPU seconds since their start. */
interface Spent {
  readonly containers: readonly number[];
  readonly engine: number;
}

/**
 * The share of one processor that a lab at rest takes.
 *
 * @param names - its running containers, on an engine of this machine that has no others
 * @returns nothing where that cannot be seen: an engine elsewhere, or in a virtual machine
 */
export async function measureIdle(
  names: readonly string[],
  { rest = REST_MS, measured = MEASURED_MS } = {},
): Promise<Figure[]> {
  const containers = (await Promise.all(names.map(describe))).filter((container) => container !== undefined);
  if (containers.length < names.length) return [];
  await sleep(rest);
  const began = performance.now();
  const before = look(containers);
  await sleep(measured);
  const after = look(containers);
  const share = (from: number, to: number) => (100_000 * (to - from)) / (performance.now() - began);
  const each = containers.map(({ name }, place) => ({
    name,
    percent: share(before.containers[place] ?? Number.NaN, after.containers[place] ?? Number.NaN),
  }));
  const engine = share(before.engine, after.engine);
  const parts = [...each, { name: "engine", percent: engine }].toSorted((a, b) => b.percent - a.percent);
  return [
    {
      name: "a lab at rest, with its engine",
      value: parts.reduce((sum, { percent }) => sum + percent, 0),
      unit: "% of one core",
      limit: 3,
      detail: parts.map(({ name, percent }) => `${name} ${percent.toFixed(2)}`).join(", "),
    },
  ];
}

async function describe(name: string): Promise<Container | undefined> {
  const printed = await docker("container", "inspect", "--format", "{{.Id}} {{.State.Pid}}", name);
  const [id = "", pid = ""] = printed.split(" ");
  const usage = usageOf(pid);
  return usage && { name, id, usage };
}

/** By cgroups of either version (cgroups(7)). */
function usageOf(pid: string): Container["usage"] | undefined {
  const groups = read(`/proc/${pid}/cgroup`)?.split("\n") ?? [];
  const paths = new Map(
    groups.flatMap((line) => {
      const [, controllers = "", path = ""] = line.split(":");
      return controllers.split(",").map((controller) => [controller, path] as const);
    }),
  );
  const former = paths.get("cpuacct");
  const usage =
    former === undefined
      ? { file: join("/sys/fs/cgroup", paths.get("") ?? "", "cpu.stat"), perSecond: 1e6 }
      : { file: join("/sys/fs/cgroup/cpuacct", former, "cpuacct.usage"), perSecond: 1e9 };
  return existsSync(usage.file) ? usage : undefined;
}

function look(containers: readonly Container[]): Spent {
  return {
    containers: containers.map(({ usage: { file, perSecond } }) => {
      const text = readFileSync(file, "utf8");
      return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? text) / perSecond;
    }),
    engine: engineSeconds(containers.map(({ id }) => id)),
  };
}

/** Of the engine's daemons and of the process that it keeps per container, with what they have started and that has ended. */
function engineSeconds(ids: readonly string[]): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const spent = pids.map((pid) => {
    const [program = "", ...words] = read(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
    const name = program.slice(program.lastIndexOf("/") + 1);
    const isShim = name.startsWith("containerd-shim") && words.some((word) => ids.includes(word));
    if (!isShim && name !== "dockerd" && name !== "containerd") return 0;
    const stat = read(`/proc/${pid}/stat`) ?? "";
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // utime, stime, cutime and cstime (proc_pid_stat(5)).
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  });
  return spent.reduce((sum, seconds) => sum + seconds, 0);
}

/** @returns undefined for a process that has ended meanwhile */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
