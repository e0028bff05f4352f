import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CannotCheckError } from "../check.ts";

const run = promisify(execFile);

/** The part of `docker inspect` that the checks read. */
export interface ContainerState {
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly Output: string }[];
    };
  };
  readonly NetworkSettings: {
    readonly Ports: Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>;
  };
}

/** The engine that runs the stack's containers. */
export class DockerEngine {
  readonly #host: string | undefined;

  /** @param host - such as `ssh://root@mail.example.org`; by default the engine that `docker` itself would ask. */
  constructor(host?: string) {
    this.#host = host;
  }

  /** @throws CannotCheckError when the engine does not answer; Error when it knows no such container. */
  async inspect(name: string): Promise<ContainerState> {
    // Without --format, docker prints `[]` for a missing container instead of an error.
    const printed = await this.#docker(["container", "inspect", "--format", "{{json .}}", name]);
    return JSON.parse(printed) as ContainerState;
  }

  /** What a program in a running container prints. @throws like {@link inspect}, and when the program fails. */
  exec(name: string, command: readonly string[]): Promise<string> {
    return this.#docker(["exec", name, ...command]);
  }

  /** The id of the configuration in force, or the reason why a new one was refused. */
  async generationInForce(name: string): Promise<{ id: string } | { refused: string }> {
    try {
      return { id: (await this.exec(name, ["maildomain-generation"])).trim() };
    } catch (error) {
      if (error instanceof CannotCheckError) throw error;
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * The files of a server's generation that are no longer as declared: in its configuration volume, which the next
   * start takes, and in what its daemons read now.
   *
   * @param generation - the id that the last `up` has declared
   */
  async changedFiles(
    name: string,
    generation: string,
  ): Promise<{ readonly volume: string[]; readonly server: string[] }> {
    const lines = (await this.exec(name, ["/usr/lib/maildomain/changed-files", generation])).split("\n");
    const at = (place: string) =>
      lines.flatMap((line) => (line.startsWith(`${place} `) ? [line.slice(place.length + 1)] : []));
    return { volume: at("volume"), server: at("server") };
  }

  /** How far the engine's clock is ahead of this machine's, in seconds, give or take half the time of asking. */
  async clockOffset(): Promise<{ readonly seconds: number; readonly precision: number }> {
    const before = Date.now();
    const time = (await this.#docker(["info", "--format", "{{.SystemTime}}"])).trim();
    const after = Date.now();
    return {
      seconds: (Date.parse(time) - (before + after) / 2) / 1000,
      precision: (after - before) / 2000,
    };
  }

  async #docker(args: readonly string[]): Promise<string> {
    const place = this.#host === undefined ? [] : ["--host", this.#host];
    try {
      const options = { timeout: 15_000, maxBuffer: 16 * 1024 * 1024 };
      return (await run("docker", [...place, ...args], options)).stdout;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const stderr = "stderr" in error ? String(error.stderr).trim() : "";
      if (("code" in error && error.code === "ENOENT") || /docker daemon|permission denied/i.test(stderr))
        throw new CannotCheckError(
          stderr || "There is no `docker` command here.",
          this.#host === undefined
            ? "Run this where the Docker Engine of the stack answers (`docker ps`), or set `maildomain:dockerHost`."
            : `Check that \`docker --host ${this.#host} ps\` works here.`,
        );
      const stdout = "stdout" in error ? String(error.stdout).trim() : "";
      throw new Error(stdout || stderr || error.message);
    }
  }
}
