import { mkdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What the CLI keeps for all of a user's projects. */
const shared = ["plugins", "policies", "templates", "templates-policy", "versions", "workspaces"];
const LOGS = "logs";

/** The folder that all of Pulumi's tools share, the npm package `pulumi` among them. */
export function pulumiHome(env: NodeJS.ProcessEnv = process.env): string {
  const { PULUMI_HOME: chosen } = env;
  return chosen && !keepsNoLog(chosen) ? chosen : join(homedir(), ".pulumi");
}

/** Where {@link makeQuietHome} puts it in what the project keeps on a machine. */
export function quietHome(folder: string): string {
  return join(folder, "pulumi");
}

/**
 * A home of Pulumi's with everything of the user's own, in which the CLI keeps no log of its commands: each is a third of what
 * the CLI does in a preview, two thirds with ten thousand mailboxes, since the log has all that it hands on, compressed and
 * encrypted, and there is no setting for it. It does without where `logs` is not a folder.
 */
export function makeQuietHome(folder: string): void {
  const home = quietHome(folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  for (const name of shared) {
    const target = join(homedir(), ".pulumi", name);
    mkdirSync(target, { recursive: true, mode: 0o700 });
    if (linkOf(home, name) === target) continue;
    // Under a name of its own first: another run may be doing the same.
    const made = join(home, `.${name}-${process.pid}`);
    symlinkSync(target, made);
    rmSync(join(home, name), { recursive: true, force: true });
    renameSync(made, join(home, name));
  }
  // Last: it says that all of the above is there.
  writeFileSync(
    join(home, LOGS),
    "The CLI keeps no log here: docs/toolchain.md says why, and how it does.\n",
  );
}

/** Whether it is there, for this user. */
export function isQuietHomeMade(folder: string): boolean {
  const home = quietHome(folder);
  return keepsNoLog(home) && shared.every((name) => linkOf(home, name) === join(homedir(), ".pulumi", name));
}

/** What Pulumi's CLI is started with, so that it keeps no log; nothing where the user has chosen a home. */
export function withoutLog(env: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  const { PULUMI_HOME: chosen } = env;
  const isFree = !chosen || keepsNoLog(chosen);
  return isFree && isQuietHomeMade(folder) ? { PULUMI_HOME: quietHome(folder) } : {};
}

function keepsNoLog(home: string): boolean {
  return statSync(join(home, LOGS), { throwIfNoEntry: false })?.isFile() === true;
}

function linkOf(home: string, name: string): string | undefined {
  try {
    return readlinkSync(join(home, name));
  } catch {
    return undefined;
  }
}
