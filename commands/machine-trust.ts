/** Whether this machine trusts a stack's authority, and where that is kept. */
import { existsSync } from "node:fs";
import { anchorOf, type SystemStore, systemStores } from "../clients/authority-stores.ts";
import { findProgram } from "../toolchain/child-process.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { MozillaPolicyFiles } from "./mozilla-policy-files.ts";
import { NssDatabases } from "./nss-databases.ts";
import type { SystemFiles } from "./system-files.ts";

const administrators = ["/usr/sbin", "/sbin"];

/** Every store of this machine, in its person's home and outside of it. */
export class MachineTrust {
  readonly #files: SystemFiles;
  readonly #databases: NssDatabases;
  readonly #policies: MozillaPolicyFiles;

  constructor(files: SystemFiles, databases = new NssDatabases(), policies = new MozillaPolicyFiles(files)) {
    this.#files = files;
    this.#databases = databases;
    this.#policies = policies;
  }

  /** The system's own store; undefined where it is none that is known, as on a Mac. */
  get system(): SystemStore | undefined {
    return systemStores.find(
      ({ folder, program }) =>
        existsSync(this.#files.at(folder)) && findProgram(program, administrators) !== undefined,
    );
  }

  /** NSS' databases, if `certutil` is there to change them. */
  get databases(): readonly string[] {
    return this.#databases.find();
  }

  get hasCertutil(): boolean {
    return findProgram("certutil") !== undefined;
  }

  /** The stores that lack the certificate, as people know them. */
  async missing(stack: string, pem: string): Promise<string[]> {
    const { system } = this;
    const inSystem = system === undefined || this.#files.read(anchorOf(system, stack)) === pem;
    const policies = this.#policies.missing(stack, pem);
    const byPolicy = policies.length === 0;
    const databases = await Promise.all(
      this.databases.map(async (folder) =>
        (await this.#databases.has(folder, stack, pem, byPolicy)) ? [] : [folder],
      ),
    );
    return [...(inSystem || system === undefined ? [] : [system.folder]), ...policies, ...databases.flat()];
  }

  /**
   * Adds the certificate wherever it is missing.
   *
   * @param file - where the certificate is
   * @returns the databases and policies that refused, with their reasons
   */
  async add(stack: string, pem: string, file: string): Promise<string[]> {
    const { system } = this;
    if (system !== undefined) {
      const changed = await this.#files.apply([{ path: anchorOf(system, stack), content: pem }]);
      if (changed.length > 0) await this.#files.run(programOf(system), []);
    }
    const refused = await this.#policies.add(stack, pem);
    for (const folder of this.hasCertutil ? this.databases : []) {
      if (await this.#databases.has(folder, stack, pem)) continue;
      await this.#databases.add(folder, stack, { pem, file }).catch((error: unknown) => {
        if (!(error instanceof ToolchainError)) throw error;
        refused.push(error.message);
      });
    }
    return refused;
  }

  /** @returns the stores that had one */
  async remove(stack: string): Promise<string[]> {
    const removed: string[] = [];
    // A profile may have the certificate by the policies, under a name of its own.
    const certificates = this.#policies.certificates(stack);
    for (const store of systemStores) {
      const path = anchorOf(store, stack);
      if ((await this.#files.apply([{ path, content: undefined }])).length === 0) continue;
      await this.#files.run(programOf(store), store.removalArgs);
      removed.push(path);
    }
    removed.push(...(await this.#policies.remove(stack)));
    for (const folder of this.hasCertutil ? this.databases : [])
      if (await this.#databases.remove(folder, stack, certificates)) removed.push(folder);
    return removed;
  }
}

function programOf({ program }: SystemStore): string {
  return findProgram(program, administrators) ?? program;
}
