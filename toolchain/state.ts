import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type LocalState, localState } from "./environment.ts";
import { isQuietHomeMade, makeQuietHome, quietHome } from "./pulumi-home.ts";
import { type State, type Step, ToolchainError } from "./step.ts";
import { projectFolder } from "./versions.ts";

/** A place for Pulumi's state, and the passphrase that protects the secrets in it. */
export const state: Step = stateStep(localState());

/** @internal */
export function stateStep(place: LocalState): Step {
  return {
    name: "state",

    async inspect() {
      return inspect(place);
    },

    async ensure() {
      const { folder, passphraseFile } = place;
      if (passphraseFile !== undefined && !existsSync(passphraseFile)) {
        if (hasStacks(folder)) throw new ToolchainError(lostPassphrase(folder, passphraseFile));
        mkdirSync(dirname(passphraseFile), { recursive: true });
        // "wx": a passphrase that another run has just made is not overwritten.
        writeFileSync(passphraseFile, `${randomBytes(24).toString("base64url")}\n`, {
          mode: 0o600,
          flag: "wx",
        });
      }
      if (passphraseFile !== undefined) chmodSync(passphraseFile, 0o600);
      if (folder !== undefined) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        makeQuietHome(dirname(folder));
      }
      return inspect(place);
    },
  };
}

function inspect(place: LocalState): State {
  const found = inspectState(place);
  const { folder } = place;
  if (!found.ready || folder === undefined || isQuietHomeMade(dirname(folder))) return found;
  const home = shown(quietHome(dirname(folder)));
  return {
    ready: false,
    found: `no ${home}, with which Pulumi's CLI keeps no log`,
    remedy: "make it, with links to what ~/.pulumi has",
  };
}

function inspectState({ folder, passphraseFile }: LocalState): State {
  const where = folder === undefined ? "PULUMI_BACKEND_URL" : shown(folder);
  if (folder !== undefined && !existsSync(folder)) {
    return { ready: false, found: `no state in ${where}`, remedy: "make the folder and a passphrase for it" };
  }
  if (passphraseFile === undefined) return { ready: true, found: `state in ${where}, your own passphrase` };
  if (!existsSync(passphraseFile)) {
    const remedy = hasStacks(folder) ? lostPassphrase(folder, passphraseFile) : "generate one";
    return { ready: false, found: `no passphrase in ${shown(passphraseFile)}`, remedy };
  }
  const mode = statSync(passphraseFile).mode & 0o777;
  if (mode !== 0o600) {
    return {
      ready: false,
      found: `${shown(passphraseFile)} can be read by others (mode ${mode.toString(8)})`,
      remedy: "set its mode to 600",
    };
  }
  return { ready: true, found: `state in ${where}` };
}

/** A new passphrase would not open what an old one has closed. */
function lostPassphrase(folder: string | undefined, passphraseFile: string): string {
  return (
    `There are stacks in ${shown(folder ?? "")}, but the passphrase that opens them is gone: ` +
    `put ${shown(passphraseFile)} back, or set PULUMI_CONFIG_PASSPHRASE_FILE to where it lies now.`
  );
}

function hasStacks(folder: string | undefined): boolean {
  const stacks = folder === undefined ? undefined : join(folder, ".pulumi", "stacks");
  if (stacks === undefined || !existsSync(stacks)) return false;
  // Backups stay when a stack is removed.
  return readdirSync(stacks, { recursive: true, encoding: "utf8" }).some((name) => name.endsWith(".json"));
}

function shown(path: string): string {
  const inside = relative(projectFolder, path);
  return inside.startsWith("..") ? path : inside;
}
