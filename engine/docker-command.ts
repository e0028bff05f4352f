import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { engineAddress } from "./address.ts";
import { EngineError, EngineUnreachableError } from "./errors.ts";
import { Turns } from "./turns.ts";

const run = promisify(execFile);

const answerMs = 15_000;
/** How long an engine has to show that it is still there after something else took too long. */
const signOfLifeMs = 5_000;

/** An SSH server allows few sessions per connection (`MaxSessions`, 10 by default) and drops what exceeds it. */
const atATime = { ssh: 4, other: 12 };

/** The `docker` command, pointed at one engine. */
export class DockerCommand {
  readonly #host: string | undefined;
  readonly #turns: Turns;
  /** Why the engine is out of reach, once that is known: further commands would only wait for the same. */
  #unreachable: EngineUnreachableError | undefined;

  constructor(host: string | undefined) {
    this.#host = host;
    const isSsh = engineAddress(host)?.startsWith("ssh://") ?? false;
    this.#turns = new Turns(isSsh ? atATime.ssh : atATime.other);
  }

  /**
   * @returns what it prints on standard output
   * @throws EngineUnreachableError when the engine does not answer; EngineError when the command fails
   */
  print(args: readonly string[]): Promise<string> {
    return this.#turns.take(async () => {
      if (this.#unreachable !== undefined) throw this.#unreachable;
      try {
        return await this.#run(args, answerMs);
      } catch (error) {
        throw await this.#explain(error, args);
      }
    });
  }

  /**
   * Runs a command on this process' own output, for as long as it takes.
   *
   * @returns its exit status
   */
  stream(args: readonly string[]): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const child = spawn("docker", [...this.#place(), ...args], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error) => reject(this.#failure(error)));
    child.once("close", (status) => resolve(status ?? 1));
    return promise;
  }

  #place(): string[] {
    return this.#host === undefined ? [] : ["--host", this.#host];
  }

  async #run(args: readonly string[], timeout: number): Promise<string> {
    const options = { timeout, maxBuffer: 64 * 1024 * 1024 };
    return (await run("docker", [...this.#place(), ...args], options)).stdout;
  }

  async #explain(error: unknown, args: readonly string[]): Promise<Error> {
    const failure = this.#failure(error);
    if (failure instanceof EngineUnreachableError) {
      this.#unreachable = failure;
      return failure;
    }
    if (!isTimeout(error)) return failure;
    try {
      await this.#run(["version", "--format", "{{.Server.Version}}"], signOfLifeMs);
    } catch (second) {
      const reason = isTimeout(second)
        ? `The Docker Engine (${this.#name()}) does not answer within ${answerMs / 1000} s.`
        : this.#failure(second).message;
      this.#unreachable = new EngineUnreachableError(reason, this.#remedy());
      return this.#unreachable;
    }
    return new EngineUnreachableError(
      `\`docker ${args.slice(0, 3).join(" ")} …\` did not end within ${answerMs / 1000} s.`,
      "Try again when the machine of the Docker Engine has less to do.",
    );
  }

  #failure(error: unknown): Error {
    if (!(error instanceof Error)) return new Error(String(error));
    const stderr = "stderr" in error ? String(error.stderr).trim() : "";
    if ("code" in error && error.code === "ENOENT")
      return new EngineUnreachableError("There is no `docker` command here.", this.#remedy());
    if (unreachable.test(stderr)) return new EngineUnreachableError(stderr, this.#remedy());
    const stdout = "stdout" in error ? String(error.stdout).trim() : "";
    return new EngineError(stdout || stderr || error.message);
  }

  #name(): string {
    return engineAddress(this.#host) ?? "of the Docker context";
  }

  #remedy(): string {
    return this.#host === undefined
      ? "Run this where the Docker Engine of the stack answers (`docker ps`), or set `maildomain:dockerHost`."
      : `Make sure that \`docker --host ${this.#host} ps\` works here.`;
  }
}

/** What the client itself says; a program in a container may complain of a "permission denied" of its own. */
const unreachable =
  /^(?:cannot connect to the docker daemon|error during connect|failed to connect to the docker api|(?:got )?permission denied while trying to connect to the docker|failed to initialize: |unable to resolve docker endpoint|error response from daemon: client version)/im;

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "killed" in error && error.killed === true;
}
