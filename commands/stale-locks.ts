import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { project } from "./project.ts";

/**
 * Removes the locks of processes of this machine that have ended. A CLI that was killed, or interrupted in the
 * moment between preview and update, leaves its lock behind, and every later one would refuse to work.
 *
 * @param stateFolder - a local file backend
 * @returns how many were removed
 */
export function removeStaleLocks(stateFolder: string, stack: string): number {
  const folder = join(stateFolder, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return 0;
  const stale = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(isStale);
  for (const file of stale) {
    rmSync(file, { force: true });
    rmSync(`${file}.attrs`, { force: true });
  }
  return stale.length;
}

function isStale(file: string): boolean {
  try {
    const lock = JSON.parse(readFileSync(file, "utf8")) as {
      readonly pid?: number;
      readonly hostname?: string;
    };
    return lock.hostname === hostname() && lock.pid !== undefined && !isRunning(lock.pid);
  } catch {
    // Another process has just removed it, or it is not a lock that we understand.
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
