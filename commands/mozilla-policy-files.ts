import { existsSync } from "node:fs";
import type { WantedFile } from "../clients/local-names.ts";
import {
  installsCertificate,
  mozillaPrograms,
  policiesWith,
  policiesWithout,
  policyFilesOf,
} from "../clients/mozilla-policies.ts";
import { findProgram } from "../toolchain/child-process.ts";
import type { SystemFiles } from "./system-files.ts";

/** What has the profiles to come of Firefox and Thunderbird trust a stack's authority. */
export class MozillaPolicyFiles {
  readonly #files: SystemFiles;
  readonly #isInstalled: (program: string) => boolean;

  constructor(files: SystemFiles, isInstalled = (program: string) => findProgram(program) !== undefined) {
    this.#files = files;
    this.#isInstalled = isInstalled;
  }

  /** The policy files, of programs on this machine, that do not install the certificate. */
  missing(stack: string, pem: string): string[] {
    return this.#installed(stack)
      .filter(
        ({ policies, certificate }) =>
          this.#files.read(certificate) !== pem ||
          !installsCertificate(this.#files.read(policies), certificate),
      )
      .map(({ policies }) => policies);
  }

  /** @returns the reasons of those that cannot be changed */
  async add(stack: string, pem: string): Promise<string[]> {
    const refused: string[] = [];
    for (const { policies, certificate } of this.#installed(stack)) {
      const content = policiesWith(this.#files.read(policies), certificate);
      if (content === undefined) {
        refused.push(`${policies}: not valid JSON`);
        continue;
      }
      await this.#files.apply([{ path: certificate, content: pem }]);
      if (!installsCertificate(this.#files.read(policies), certificate))
        await this.#files.apply([{ path: policies, content }]);
    }
    return refused;
  }

  /** The certificates that are installed, of programs that have gone, too. */
  certificates(stack: string): string[] {
    return mozillaPrograms.flatMap(
      (program) => this.#files.read(policyFilesOf(program, stack).certificate) ?? [],
    );
  }

  /** @returns the policy files that had one */
  async remove(stack: string): Promise<string[]> {
    const removed: string[] = [];
    for (const program of mozillaPrograms) {
      const { policies, certificate } = policyFilesOf(program, stack);
      const text = this.#files.read(policies);
      const wanted: WantedFile[] = [{ path: certificate, content: undefined }];
      if (text !== undefined) wanted.unshift({ path: policies, content: policiesWithout(text, certificate) });
      if ((await this.#files.apply(wanted)).length > 0) removed.push(policies);
    }
    return removed;
  }

  /** A distribution's policies would no longer be read if there were others: they are left in force. */
  #installed(stack: string) {
    return mozillaPrograms
      .filter(({ programs }) => programs.some(this.#isInstalled))
      .map((program) => ({ ...policyFilesOf(program, stack), ...program }))
      .filter(
        ({ policies, distributionFolders }) =>
          existsSync(this.#files.at(policies)) ||
          !distributionFolders.some((folder) => existsSync(this.#files.at(`${folder}/policies.json`))),
      );
  }
}
