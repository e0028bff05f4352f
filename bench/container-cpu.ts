/** CPU seconds that a container's processes have used, by program: unlike rates, they compare between machines. */
import { docker } from "../test/kit/engine.ts";

interface Process {
  readonly program: string;
  readonly parent: number;
  /** Since the machine's start, in ticks; with the id, it is what makes a process itself. */
  readonly startedAt: number;
  readonly own: number;
  /** Of its children that have ended and were waited for, with theirs. */
  readonly ended: number;
}

/** By process id. */
export type Processes = ReadonlyMap<number, Process>;

/** USER_HZ, the same on every Linux that Debian runs on. */
export const ticksPerSecond = 100;

/** All processes in a container at this moment, but the one that looks. */
export async function processesIn(container: string): Promise<Processes> {
  const text = await docker("exec", container, "sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null; true");
  return parseProcesses(text);
}

/** @param text - lines of `/proc/PID/stat` (proc_pid_stat(5)) */
export function parseProcesses(text: string): Processes {
  const found = [...text.matchAll(/^(\d+) \((.*)\) (\S.*)$/gm)];
  return new Map(
    found.map(([, id, program = "", rest = ""]) => {
      // What follows the name is counted from the third field on.
      const field = (number: number) => Number(rest.split(" ")[number - 3]);
      return [
        Number(id),
        {
          program,
          parent: field(4),
          startedAt: field(22),
          own: field(14) + field(15),
          ended: field(16) + field(17),
        },
      ];
    }),
  );
}

/**
 * Seconds between two moments, by program, the most first. What has ended meanwhile is known by its parent's name only:
 * "master's ended processes".
 */
export function secondsBetween(before: Processes, after: Processes): Map<string, number> {
  const ticks = new Map<string, number>();
  const count = (name: string, more: number) => ticks.set(name, (ticks.get(name) ?? 0) + more);
  const isSame = (id: number) => before.get(id)?.startedAt === after.get(id)?.startedAt;
  for (const [id, { program, own, ended }] of after) {
    const former = isSame(id) ? before.get(id) : undefined;
    count(program, own - (former?.own ?? 0));
    count(`${program}'s ended processes`, ended - (former?.ended ?? 0));
  }
  for (const [id, { parent, own, ended }] of before) {
    const heir = after.get(parent);
    // Its parent counts all of its time now, also that of before.
    if (!isSame(id) && heir !== undefined) count(`${heir.program}'s ended processes`, -own - ended);
  }
  const seconds = [...ticks].map(([name, spent]) => [name, spent / ticksPerSecond] as const);
  return new Map(seconds.filter(([, spent]) => spent > 0).toSorted(([, a], [, b]) => b - a));
}
