import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A `docker` command first on the PATH that notes how it is called. */
export class FakeDocker {
  readonly #folder: string;
  readonly #path = process.env.PATH;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param script - what it does then, as shell; `$*` are its words. */
  static async install(script = ""): Promise<FakeDocker> {
    const fake = new FakeDocker(await mkdtemp(join(tmpdir(), "maildomain-docker-")));
    process.env.PATH = [fake.#folder, fake.#path].join(delimiter);
    await fake.does(script);
    return fake;
  }

  async does(script: string): Promise<void> {
    const program = join(this.#folder, "docker");
    await writeFile(this.#log, "");
    await writeFile(program, `#!/bin/sh\necho "$*" >> '${this.#log}'\n${script}\n`);
    await chmod(program, 0o755);
  }

  /** The words of each call so far. */
  async calls(): Promise<string[]> {
    return (await readFile(this.#log, "utf8")).split("\n").filter(Boolean);
  }

  async remove(): Promise<void> {
    process.env.PATH = this.#path;
    // An engine over SSH has put another program on the PATH.
    const shared = process.env.MAILDOMAIN_SSH;
    delete process.env.MAILDOMAIN_SSH;
    if (shared !== undefined) await rm(shared, { recursive: true });
    await rm(this.#folder, { recursive: true });
  }

  get #log(): string {
    return join(this.#folder, "calls");
  }
}
