import { copyFile, cp, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Lab } from "./lab.ts";
import { isWithoutPacks, makePolicyScripts, olderPack } from "./older-policy-pack.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const notCheckedOut = new Set([".git", ".maildomain", "node_modules"]);

/** Makes copies of the project that know a lab's stack by its file in `stacks/`. */
export class Checkouts {
  readonly #lab: Lab;
  /** Undefined where the CLI runs packs as they are. */
  readonly #policyScripts: string | undefined;

  /** Without the policy pack's programs. */
  static without(lab: Lab): Checkouts {
    return new Checkouts(lab, undefined);
  }

  private constructor(lab: Lab, policyScripts: string | undefined) {
    this.#lab = lab;
    this.#policyScripts = policyScripts;
  }

  static async of(lab: Lab): Promise<Checkouts> {
    const outcome = await lab.operate("preview", ["--policy-pack", "policy"]);
    return new Checkouts(lab, isWithoutPacks(outcome) ? await makePolicyScripts() : undefined);
  }

  /** What finds the programs that the policy pack needs. */
  get path(): string[] {
    return this.#policyScripts === undefined ? [] : [this.#policyScripts];
  }

  /** @returns its folder, which the caller removes */
  async make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-checkout-"));
    const names = (await readdir(projectFolder)).filter((name) => !notCheckedOut.has(name));
    for (const name of names) await cp(join(projectFolder, name), join(folder, name), { recursive: true });
    await symlink(await realpath(join(projectFolder, "node_modules")), join(folder, "node_modules"));
    await symlink(this.#lab.file, join(folder, `stacks/Pulumi.${this.#lab.stack}.yaml`));
    if (this.#policyScripts !== undefined) {
      const pack = "PulumiPolicy.yaml";
      await copyFile(join(projectFolder, olderPack, pack), join(folder, "policy", pack));
    }
    return folder;
  }

  async remove(): Promise<void> {
    for (const folder of this.path) await rm(folder, { recursive: true });
  }
}
