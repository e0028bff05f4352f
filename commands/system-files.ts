import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WantedFile } from "../clients/local-names.ts";
import { findProgram, run } from "../toolchain/child-process.ts";
import { ToolchainError } from "../toolchain/step.ts";

/** Files of the machine that belong to root. */
export class SystemFiles {
  readonly #root: string;
  readonly #maySudo: boolean;

  /**
   * @param root - stands for `/`
   * @param maySudo - whether sudo may ask for a password where the files are somebody else's
   */
  constructor(root = "/", maySudo = process.stdin.isTTY === true) {
    this.#root = root;
    this.#maySudo = maySudo;
  }

  /** Where a path is below the root. */
  at(path: string): string {
    return join(this.#root, path);
  }

  /** @returns undefined where there is no such file, or it cannot be read */
  read(path: string): string | undefined {
    try {
      return readFileSync(this.at(path), "utf8");
    } catch {
      return undefined;
    }
  }

  /** The names in a folder; none where it does not exist. */
  list(folder: string): string[] {
    try {
      return readdirSync(this.at(folder));
    } catch {
      return [];
    }
  }

  /** Those that differ from what they should be. */
  differing<File extends WantedFile>(files: readonly File[]): File[] {
    return files.filter(({ path, content }) => this.read(path) !== content);
  }

  /**
   * Writes or removes each file that differs.
   *
   * @returns those that were changed
   * @throws ToolchainError where that needs other rights
   */
  async apply<File extends WantedFile>(files: readonly File[]): Promise<File[]> {
    const changed = this.differing(files);
    for (const { path, content } of changed) {
      const place = this.at(path);
      try {
        if (content === undefined) rmSync(place, { force: true });
        else {
          mkdirSync(dirname(place), { recursive: true });
          // In its place: in a container /etc/hosts is mounted, and cannot be replaced.
          writeFileSync(place, content);
        }
      } catch (error) {
        if (!isForbidden(error)) throw error;
        await this.#asRoot(place, content);
      }
    }
    return changed;
  }

  /** Runs a program that only root may run. */
  async run(program: string, args: readonly string[]): Promise<void> {
    const words = process.getuid?.() === 0 ? [program, ...args] : [...this.#sudo(), program, ...args];
    const [first = program, ...rest] = words;
    const { status, output } = await run(first, rest);
    if (status !== 0)
      throw new ToolchainError(`${[program, ...args].join(" ")} failed:\n${output.trimEnd()}`);
  }

  async #asRoot(place: string, content: string | undefined): Promise<void> {
    const [sudo = "sudo", ...options] = this.#sudo(place);
    const steps: [string[], string?][] =
      content === undefined
        ? [[["rm", "-f", place]]]
        : [[["mkdir", "-p", dirname(place)]], [["tee", place], content]];
    for (const [words, input] of steps) {
      const { status, output } = await run(sudo, [...options, ...words], { input });
      if (status !== 0) throw needsRoot(place, output);
    }
  }

  /** @throws ToolchainError where nobody can be asked for a password */
  #sudo(place = "this"): string[] {
    if (findProgram("sudo") === undefined) throw needsRoot(place, "");
    return this.#maySudo ? ["sudo"] : ["sudo", "-n"];
  }
}

function needsRoot(place: string, output: string): ToolchainError {
  return new ToolchainError(
    `Changing ${place} needs root: run the command on a terminal, where sudo can ask for your password, or as root.\n${output}`.trimEnd(),
  );
}

function isForbidden(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && ["EACCES", "EPERM", "EROFS"].includes(String(error.code))
  );
}
