import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { RunningStack } from "../outputs/running-stack.ts";
import { localFolder } from "../toolchain/environment.ts";
import { type OwnConnection, onOwnConnection } from "../verify/own-connections.ts";

/** A lesson asks about hours; `verify --watch` fills this in days. */
const MOST_BYTES = 1_000_000;

const connectionSchema = z.object({ user: z.string(), from: z.number(), until: z.number().optional() });

/** Where a lab's checks note their connections, for the lesson. */
export function ownConnectionsFile(stack: string): string {
  return join(localFolder, "exercise", `${stack}-checks.jsonl`);
}

/** From now on, this process' connections to a lab are noted: the lesson must not count them as a student's. */
export function noteOwnConnections(stack: string, { containers }: RunningStack): void {
  // Only a lab has it, and lessons.
  if (containers.innerDnsServer == null) return;
  const file = ownConnectionsFile(stack);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  shorten(file);
  // A line at once: a step may be checked while a check of this process is still running.
  onOwnConnection((connection) => appendFileSync(file, `${JSON.stringify(connection)}\n`, { mode: 0o600 }));
}

/** Each once, with its end as far as it has one. */
export function readOwnConnections(file: string): OwnConnection[] {
  if (!existsSync(file)) return [];
  const byStart = new Map<string, OwnConnection>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const connection = connectionOf(line);
    if (connection === undefined) continue;
    const key = `${connection.user} ${connection.from}`;
    const until = Math.max(connection.until ?? 0, byStart.get(key)?.until ?? 0);
    byStart.set(key, { ...connection, ...(until > 0 && { until }) });
  }
  return [...byStart.values()];
}

/** Nothing for a line that is being written, or was cut off. */
function connectionOf(line: string): OwnConnection | undefined {
  try {
    return connectionSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function shorten(file: string): void {
  if (!existsSync(file) || statSync(file).size <= MOST_BYTES) return;
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.slice(text.indexOf("\n", text.length - MOST_BYTES / 2) + 1));
}
