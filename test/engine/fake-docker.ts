import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A `docker` command first on the PATH that notes how it is called. */
export class FakeDocker {
  readonly #folder: string;
  readonly #path = process.env.PATH;
  readonly #host = process.env.DOCKER_HOST;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param script - what it does then, as shell; `$*` are its words. */
  static async install(script = ""): Promise<FakeDocker> {
    const fake = new FakeDocker(await mkdtemp(join(tmpdir(), "maildomain-docker-")));
    process.env.PATH = [fake.#folder, fake.#path].join(delimiter);
    // Nothing answers there: what a socket is asked, this command is asked then.
    process.env.DOCKER_HOST ??= "unix:///var/run/fake-docker.sock";
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
    if (this.#host === undefined) delete process.env.DOCKER_HOST;
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
