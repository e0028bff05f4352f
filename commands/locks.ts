/** The locks by which the CLI keeps two updates of one stack apart, where its state is in a folder. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { stateFolder } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { project } from "./project.ts";

const lockSchema = z.object({
  pid: z.int(),
  hostname: z.string(),
  /** Locks of old have none. */
  timestamp: z.string().optional(),
});
type Lock = z.output<typeof lockSchema>;

/**
 * Removes the locks of processes of this machine that have ended. A CLI that was killed, or interrupted in the
 * moment between preview and update, leaves its lock behind, and every later one would refuse to work.
 *
 * @param state - a local file backend
 * @returns how many were removed
 */
export function removeStaleLocks(state: string, stack: string): number {
  const stale = locksOf(state, stack).filter(({ lock }) => lock !== undefined && isStale(lock));
  for (const { file } of stale) {
    rmSync(file, { force: true });
    rmSync(`${file}.attrs`, { force: true });
  }
  return stale.length;
}

/**
 * Nothing of a stack may be changed while another update runs: what that one has half made is not left over.
 *
 * @throws ToolchainError that says since when, and where it runs
 */
export function refuseRunningUpdate(stack: string, state = stateFolder(), now = Date.now()): void {
  if (state === undefined) return;
  removeStaleLocks(state, stack);
  const [running] = locksOf(state, stack).flatMap(({ lock }) => lock ?? []);
  if (running !== undefined) throw new ToolchainError(describeRunning(running, now));
}

/** @param timestamp - when it began, ISO 8601 */
export function describeRunning(
  { pid, hostname: host, timestamp = "" }: Omit<Lock, "pid"> & { readonly pid?: number | undefined },
  now = Date.now(),
): string {
  const began = Date.parse(timestamp);
  const since = Number.isNaN(began) ? "" : ` for ${formatDuration(Math.max(0, now - began))}`;
  const process = pid === undefined ? "" : ` (process ${pid})`;
  return (
    `Another up has been running${since} on ${host}${process}. Nothing was changed. Wait until it has ended; it ` +
    "continues also where its terminal was closed."
  );
}

function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function locksOf(state: string, stack: string): { readonly file: string; readonly lock: Lock | undefined }[] {
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ file: join(folder, name), lock: readLock(join(folder, name)) }));
}

/** @returns undefined where another process has just removed it, or where it is not a lock that we understand. */
function readLock(file: string): Lock | undefined {
  try {
    return lockSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function isStale(lock: Lock): boolean {
  return lock.hostname === hostname() && !isRunning(lock.pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
