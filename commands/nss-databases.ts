import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { authorityName, nssTrust, profileFolders, sharedDatabases } from "../clients/authority-stores.ts";
import { fingerprintOf, readCertificate } from "../keys/pem.ts";
import { findProgram, run } from "../toolchain/child-process.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { removeTrustRecords } from "./nss-trust-records.ts";

const chromiumPrograms = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "brave-browser",
];

/** An authority's certificate, and the file that has it. */
export interface AuthorityFile {
  readonly pem: string;
  readonly file: string;
}

interface Entry {
  readonly name: string;
  /** As `certutil` writes it. @example "C,," */
  readonly trust: string;
  /** Whether this project has chosen the name. */
  readonly isOurs: boolean;
}

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

  /**
   * Whether a database has this certificate, and trusts it.
   *
   * @param byPolicy - whether what a program's own policies have put there counts. Newer ones write trust in the form of
   *   PKCS#11 3.2, which an older `certutil` does not see.
   */
  async has(folder: string, stack: string, pem: string, byPolicy = false): Promise<boolean> {
    const found = await this.#entries(folder, stack, pem);
    return found.some(({ trust, isOurs }) => trust.startsWith("C") || (byPolicy && !isOurs));
  }

  /** @throws ToolchainError where the database refuses, for example since a password protects it */
  async add(folder: string, stack: string, { pem, file }: AuthorityFile): Promise<void> {
    if (!existsSync(join(folder, "cert9.db"))) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await this.#change(folder, ["-N", "--empty-password"]);
    }
    await this.remove(folder, stack, [pem]);
    try {
      await this.#change(folder, ["-A", "-n", authorityName(stack), "-t", nssTrust, "-i", file]);
    } catch (error) {
      // Without the database's password it adds the certificate, and does not trust it.
      await this.remove(folder, stack, []);
      throw error;
    }
  }

  /**
   * Removes what has the stack's name, and these certificates under any other: the policies of Mozilla's programs choose
   * one of their own.
   *
   * @returns whether there was one
   */
  async remove(folder: string, stack: string, pems: readonly string[]): Promise<boolean> {
    const names: string[] = [];
    // While the certificate is there to find them by.
    for (const pem of pems) removeTrustRecords(folder, pem);
    for (const pem of pems) names.push(...(await this.#entries(folder, stack, pem)).map(({ name }) => name));
    // One authority after another may have had the name.
    while ((await this.#list(folder, authorityName(stack))) !== undefined) {
      await this.#change(folder, ["-D", "-n", authorityName(stack)]);
      names.push(authorityName(stack));
    }
    for (const name of names)
      if ((await this.#list(folder, name)) !== undefined) await this.#change(folder, ["-D", "-n", name]);
    return names.length > 0;
  }

  /** A certificate's entries. Mozilla's programs call one by its subject; of other names a profile has hundreds. */
  async #entries(folder: string, stack: string, pem: string): Promise<Entry[]> {
    if (!existsSync(join(folder, "cert9.db"))) return [];
    const subject = readCertificate(pem)?.subject ?? "";
    const names = [authorityName(stack), /^CN=(.+)$/m.exec(subject)?.[1] ?? authorityName(stack)];
    const { stdout } = await certutil(folder, ["-L"]);
    const found: Entry[] = [];
    for (const line of stdout.split("\n")) {
      const [, name, trust] = /^(\S.*?) +([a-zA-Z]*,[a-zA-Z]*,[a-zA-Z]*) *$/.exec(line) ?? [];
      if (name === undefined || trust === undefined) continue;
      if (!names.some((beginning) => name.startsWith(beginning))) continue;
      const printed = await this.#list(folder, name);
      if (printed === undefined || fingerprintOf(printed) !== fingerprintOf(pem)) continue;
      found.push({ name, trust, isOurs: name === authorityName(stack) });
    }
    return found;
  }

  /** @returns undefined where it has none of the name */
  async #list(folder: string, name: string): Promise<string | undefined> {
    if (!existsSync(join(folder, "cert9.db"))) return undefined;
    const { status, stdout } = await certutil(folder, ["-L", "-n", name, "-a"]);
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
