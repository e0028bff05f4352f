/** What a lab at rest costs its machine: its containers, and the engine beside them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../test/kit/engine.ts";
import { parseProcesses, ticksPerSecond } from "./container-cpu.ts";
import type { Figure } from "./figure.ts";

/** What an `up` leaves to do: caches, first connections, the health checks' first rounds. In milliseconds. */
const REST_MS = 5 * 60_000;
/** Several stays of a health check would be best, and each is five minutes long. */
const MEASURED_MS = 5 * 60_000;
const healthCheck = "/usr/lib/maildomain/healthcheck";
/** Of a program in a container, to see what one costs the engine. */
const STARTS = 20;

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
 * The share of one processor that a lab at rest takes, and what of it is for health checks.
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
  const checks = await measureHealthChecks(containers, measured);
  return [
    {
      name: "a lab at rest, with its engine",
      value: parts.reduce((sum, { percent }) => sum + percent, 0),
      unit: "% of one core",
      limit: 3,
      detail: parts.map(({ name, percent }) => `${name} ${percent.toFixed(2)}`).join(", "),
    },
    checks,
  ];
}

/**
 * What of it the health checks take: their own time, and that of the engine for each start of one.
 *
 * @param measured - until now, in milliseconds
 */
async function measureHealthChecks(containers: readonly Container[], measured: number): Promise<Figure> {
  const now = Date.now();
  const events = await docker(
    ...["events", "--since", `${(now - measured) / 1000}`, "--until", `${now / 1000}`],
    ...["--filter", "event=exec_start", "--format", "{{.Action}}"],
  );
  const starts = events.split("\n").filter((line) => line.includes(healthCheck)).length;
  const own = ownShareOfHealthChecks(containers.map(({ id }) => id));
  const before = look(containers);
  for (let start = 0; start < STARTS; start++) {
    await docker("exec", containers[start % containers.length]?.name ?? "", "true");
  }
  const after = look(containers);
  const perStart = (total(after) - total(before)) / STARTS;
  return {
    name: "… of which health checks",
    value: 100 * own + (100_000 * starts * perStart) / measured,
    unit: "% of one core",
    limit: 1,
    detail: `${starts} starts in ${measured / 1000} s, ${(1000 * perStart).toFixed(0)} ms each; ${(100 * own).toFixed(3)} of their own`,
  };
}

function total({ containers, engine }: Spent): number {
  return containers.reduce((sum, seconds) => sum + seconds, engine);
}

/** The share of a processor of all that run now. What one takes to begin is spread over the time of all. */
function ownShareOfHealthChecks(ids: readonly string[]): number {
  const uptime = Number.parseFloat(read("/proc/uptime") ?? "");
  const running = processes().filter(
    ({ pid, words }) =>
      words.includes(healthCheck) && ids.some((id) => read(`/proc/${pid}/cgroup`)?.includes(id)),
  );
  const spent = running.reduce((sum, { seconds }) => sum + seconds, 0);
  const passed = running.reduce((sum, { startedAt }) => sum + uptime - startedAt, 0);
  return running.length === 0 ? 0 : (running.length * spent) / passed;
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
  return processes()
    .filter(({ words: [program = "", ...words] }) => {
      const name = program.slice(program.lastIndexOf("/") + 1);
      const isShim = name.startsWith("containerd-shim") && words.some((word) => ids.includes(word));
      return isShim || name === "dockerd" || name === "containerd";
    })
    .reduce((sum, { seconds }) => sum + seconds, 0);
}

interface Process {
  readonly pid: number;
  readonly words: readonly string[];
  /** Of CPU time, with what it has started and that has ended. */
  readonly seconds: number;
  /** In seconds since the machine's start. */
  readonly startedAt: number;
}

/** All of the machine, those in containers included. */
function processes(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const stats = pids.map((pid) => read(`/proc/${pid}/stat`) ?? "").join("");
  return [...parseProcesses(stats)].map(([pid, { own, ended, startedAt }]) => ({
    pid,
    words: read(`/proc/${pid}/cmdline`)?.split("\0") ?? [],
    seconds: (own + ended) / ticksPerSecond,
    startedAt: startedAt / ticksPerSecond,
  }));
}

/** @returns undefined for a process that has ended meanwhile */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
