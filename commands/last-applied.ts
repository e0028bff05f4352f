/**
 * What the last `up` of a stack was made from. One that is made from the same again, but for passwords, has nothing that its
 * preview could refuse, and goes without it: half of its work.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { localFolder } from "../toolchain/environment.ts";
import compiled from "../toolchain/language-host/compiled-program.cjs";
import { projectFolder } from "../toolchain/versions.ts";

/**
 * A digest of what an `up` is made from: the settings without passwords, and the files of program, provider and images.
 *
 * @param stackFile - its text
 * @param project - the folder of the project
 * @returns undefined where the settings name a file that this does not see
 */
export function madeFrom(stackFile: string, project = projectFolder): string | undefined {
  const settings: unknown = parse(stackFile);
  if (readsElsewhere(settings, project)) return undefined;
  const { DOCKER_HOST, DOCKER_CONTEXT } = process.env;
  const all = [withoutPasswords(settings), filesIn(project), DOCKER_HOST, DOCKER_CONTEXT];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

/** @param update - the last one in the stack's history: nobody else may have made one since. */
export function isAsApplied(stack: string, made: string | undefined, update: unknown): boolean {
  if (made === undefined || update === undefined || !existsSync(noteOf(stack))) return false;
  return readFileSync(noteOf(stack), "utf8") === note(made, update);
}

/** After an `up` that succeeded. */
export function rememberApplied(stack: string, made: string | undefined, update: unknown): void {
  if (made === undefined || update === undefined) return;
  mkdirSync(dirname(noteOf(stack)), { recursive: true });
  writeFileSync(noteOf(stack), note(made, update));
}

/** Before an `up`, which may fail halfway. */
export function forgetApplied(stack: string): void {
  rmSync(noteOf(stack), { force: true });
}

function noteOf(stack: string): string {
  return join(localFolder, "stacks", `${stack}.applied`);
}

function note(made: string, update: unknown): string {
  return createHash("sha256")
    .update(`${made} ${JSON.stringify(update)}`)
    .digest("hex");
}

function withoutPasswords(settings: unknown): unknown {
  if (Array.isArray(settings)) return settings.map(withoutPasswords);
  if (typeof settings !== "object" || settings === null) return settings;
  // Plain, or encrypted.
  const hide = ([key, value]: [string, unknown]) => [key, key === "password" || withoutPasswords(value)];
  return Object.fromEntries(Object.entries(settings).map(hide));
}

/** Whether a text names a file that is not in the project. Paths are written from its folder `stacks`. */
function readsElsewhere(settings: unknown, project: string): boolean {
  if (typeof settings === "object" && settings !== null) {
    return Object.values(settings).some((value) => readsElsewhere(value, project));
  }
  if (typeof settings !== "string" || !/^\/|\.\./.test(settings)) return false;
  const path = resolve(project, "stacks", settings);
  return existsSync(path) && /^\.|\/\./.test(relative(project, path));
}

/** With their size and the time of their last change. */
function filesIn(folder: string): readonly object[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && !/^Pulumi\..+\.yaml$/.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      // What npm writes last stands for all packages.
      if (entry.name === "node_modules") return compiled.sourceOf(join(path, ".package-lock.json")) ?? [];
      return entry.isDirectory() ? filesIn(path) : (compiled.sourceOf(path) ?? []);
    });
}
