import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { authorityName, nssTrust, profileFolders, sharedDatabases } from "../clients/authority-stores.ts";
import { fingerprintOf } from "../keys/pem.ts";
import { findProgram, run } from "../toolchain/child-process.ts";
import { ToolchainError } from "../toolchain/step.ts";

const chromiumPrograms = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "brave-browser",
];

/** A person's databases of NSS: Firefox' and Thunderbird's profiles, and what Chromium reads. */
export class NssDatabases {
  readonly #home: string;

  constructor(home = homedir()) {
    this.#home = home;
  }

  /** The folders of all that there are; and of one that Chromium would read, where it is installed and has none yet. */
  find(): string[] {
    const profiles = profileFolders.flatMap((folder) => subfolders(join(this.#home, folder)));
    const shared = sharedDatabases.map((folder) => join(this.#home, folder));
    const found = [...profiles, ...shared].filter((folder) => existsSync(join(folder, "cert9.db")));
    const [chromium = ""] = shared;
    const isMissing = !found.includes(chromium) && chromiumPrograms.some((program) => findProgram(program));
    return isMissing ? [...found, chromium] : found;
  }

  /** Whether a database has this certificate, and trusts it. */
  async has(folder: string, stack: string, pem: string): Promise<boolean> {
    const printed = await this.#list(folder, stack);
    if (printed === undefined || fingerprintOf(printed) !== fingerprintOf(pem)) return false;
    const { stdout } = await certutil(folder, ["-L"]);
    const trusted = `${authorityName(stack)} `;
    return stdout
      .split("\n")
      .some((line) => line.startsWith(trusted) && line.trimEnd().endsWith(` ${nssTrust}`));
  }

  /** @throws ToolchainError where the database refuses, for example since a password protects it */
  async add(folder: string, stack: string, file: string): Promise<void> {
    if (!existsSync(join(folder, "cert9.db"))) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await this.#change(folder, ["-N", "--empty-password"]);
    }
    await this.remove(folder, stack);
    try {
      await this.#change(folder, ["-A", "-n", authorityName(stack), "-t", nssTrust, "-i", file]);
    } catch (error) {
      // Without the database's password it adds the certificate, and does not trust it.
      await this.remove(folder, stack);
      throw error;
    }
  }

  /** @returns whether there was one */
  async remove(folder: string, stack: string): Promise<boolean> {
    let count = 0;
    // One authority after another may have had the name.
    while ((await this.#list(folder, stack)) !== undefined) {
      await this.#change(folder, ["-D", "-n", authorityName(stack)]);
      count += 1;
    }
    return count > 0;
  }

  /** @returns undefined where it has none of the name */
  async #list(folder: string, stack: string): Promise<string | undefined> {
    if (!existsSync(join(folder, "cert9.db"))) return undefined;
    const { status, stdout } = await certutil(folder, ["-L", "-n", authorityName(stack), "-a"]);
    return status === 0 ? stdout : undefined;
  }

  async #change(folder: string, args: readonly string[]): Promise<void> {
    const { status, output } = await certutil(folder, args);
    if (status !== 0) throw new ToolchainError(`${folder}: ${output.trim()}`);
  }
}

function certutil(folder: string, args: readonly string[]) {
  return run("certutil", [...args, "-d", `sql:${folder}`]);
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}
