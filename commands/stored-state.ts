/** Whether the file with a stack's state is good, before the CLI reads it: it would make an empty one in the place of one that is lost. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { formatMoment } from "../naming/moment.ts";
import { parseStoredState, placeInState, readStoredState } from "../stacks/preflight/stored-resources.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { project } from "./project.ts";

/** The places in a local file backend where the CLI keeps a stack. */
function placesOf(stateFolder: string, stack: string) {
  const inState = (kind: "stacks" | "history" | "backups") =>
    placeInState(stateFolder, kind, { project, stack });
  const file = `${inState("stacks")}.json`;
  return {
    file,
    formerFile: `${file}.bak`,
    /** The CLI removes it with a stack: where it is without the file, the file was lost. */
    history: inState("history"),
    backups: inState("backups"),
  };
}

/**
 * Whether a stack is in a local file backend.
 *
 * @throws ToolchainError where its file is damaged or was lost: which one, which copy is good, and how to go back to it
 */
export function isStored(stateFolder: string, stack: string): boolean {
  const places = placesOf(stateFolder, stack);
  const problem = problemOf(places);
  if (problem === undefined) return existsSync(places.file);
  throw new ToolchainError(
    [`The state of stack ${stack} ${problem}. Nothing was changed.`, ...wayBack(places)].join("\n"),
  );
}

/** A stack's state in the form in which the CLI exports it; undefined where it is not in this folder, or compressed. */
export function storedDeployment(stateFolder: string, stack: string): string | undefined {
  const stored = readStoredState(stateFolder, { project, stack });
  if (stored === undefined) return undefined;
  const { resources, pendingOperations } = stored;
  return JSON.stringify({ version: 3, deployment: { resources, pending_operations: pendingOperations } });
}

/**
 * What the CLI has noted of the last update, as `pulumi stack history --json` gives it; undefined where that is not in this
 * folder, or compressed.
 */
export function lastUpdate(stateFolder: string, stack: string): unknown {
  const { history } = placesOf(stateFolder, stack);
  if (!existsSync(history)) return undefined;
  // Named by the time in nanoseconds, which have the same number of digits.
  const latest = readdirSync(history)
    .filter((name) => /\.history\.json(?:\.gz|\.zst)?$/.test(name))
    .toSorted()
    .at(-1);
  return latest?.endsWith(".history.json")
    ? JSON.parse(readFileSync(join(history, latest), "utf8"))
    : undefined;
}

type Places = ReturnType<typeof placesOf>;

function problemOf({ file, history }: Places): string | undefined {
  if (!existsSync(file)) {
    const [latest] = copiesIn(history);
    return latest && `is missing: ${shown(file)} does not exist, although the stack was provisioned`;
  }
  const resources = resourcesIn(file);
  if (resources === undefined) {
    const what = statSync(file).size === 0 ? "is empty" : "is not what Pulumi writes, or cut off";
    return `is damaged: ${shown(file)} ${what}`;
  }
  if (resources > 0) return undefined;
  const before = resourcesAfterLastUpdate(history);
  return before > 0
    ? `is lost: ${shown(file)} has no resources, and the last \`up\` left ${before}`
    : undefined;
}

function resourcesAfterLastUpdate(history: string): number {
  // Named by the time in nanoseconds.
  const [latest] = existsSync(history)
    ? readdirSync(history)
        .filter((name) => name.endsWith(".checkpoint.json"))
        .toSorted()
        .toReversed()
    : [];
  return latest === undefined ? 0 : (resourcesIn(join(history, latest)) ?? 0);
}

function wayBack(places: Places): string[] {
  const [copy] = [
    ...goodCopy(places.formerFile),
    ...copiesIn(places.history),
    ...copiesIn(places.backups),
  ].toSorted((a, b) => b.changed.getTime() - a.changed.getTime() || b.resources - a.resources);
  const instead =
    "Without it this is a new stack, with new keys, certificates and generated passwords: what DNS has of the old keys no longer " +
    "fits, and the servers that run are not its own.";
  if (copy === undefined)
    return [
      `No good copy is beside it: restore ${shown(places.file)} from your own backups. ${instead}`,
      `If that is what you want: rm -rf ${shown(places.file)} ${shown(places.history)}`,
    ];
  return [
    `The newest good copy is ${shown(copy.path)} (${copy.resources} resources, of ${formatMoment(copy.changed)}). Go back to it:`,
    `  cp ${shown(copy.path)} ${shown(places.file)}`,
    `Then \`npm run preview\` shows what was changed since. ${instead}`,
  ];
}

interface Copy {
  readonly path: string;
  readonly resources: number;
  readonly changed: Date;
}

/** The copies in a folder of the CLI's that have resources, the newest first. */
function copiesIn(folder: string): Copy[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.endsWith(".history.json"))
    .flatMap((name) => goodCopy(join(folder, name)))
    .toSorted((a, b) => b.changed.getTime() - a.changed.getTime());
}

function goodCopy(path: string): Copy[] {
  const resources = existsSync(path) ? resourcesIn(path) : undefined;
  return resources === undefined || resources === 0
    ? []
    : [{ path, resources, changed: statSync(path).mtime }];
}

/** How many resources a state has; undefined for a file that is not a state. */
function resourcesIn(path: string): number | undefined {
  return parseStoredState(readFileSync(path, "utf8"))?.resources.length;
}

function shown(path: string): string {
  const inside = relative(projectFolder, path);
  return inside.startsWith("..") ? path : inside;
}
