import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { engineAddress, localSocket } from "./address.ts";
import { EngineError, EngineUnreachableError, OtherEngineError } from "./errors.ts";
import { volumesWithLabel } from "./labels.ts";
import { remedyFor } from "./remedy.ts";
import { shareSshConnections } from "./shared-ssh.ts";
import { execBySocket } from "./socket-exec.ts";
import { Turns } from "./turns.ts";

const run = promisify(execFile);

const answerMs = 15_000;
/** A login may ask a person for a passphrase. */
const loginMs = 60_000;
/** How long an engine has to show that it is still there after something else took too long. */
const signOfLifeMs = 5_000;

/** An SSH server allows few sessions per connection (`MaxSessions`, 10 by default), and Pulumi's plugin needs some. */
const atATime = { ssh: 4, other: 12 };

const askVersion = ["version", "--format", "{{.Server.Version}}"];

/** A label that only one engine carries, on a volume or a container. */
export interface EngineMark {
  readonly label: string;
  readonly value: string;
}

/** What all commands to one host over SSH have in common. */
interface Connection {
  readonly turns: Turns;
  /** Settled once the connection that the others share is there. */
  opened: Promise<unknown> | undefined;
}
const connections = new Map<string, Connection>();

function connectionTo(address: string): Connection {
  const known = connections.get(address);
  if (known !== undefined) return known;
  const connection = { turns: new Turns(atATime.ssh), opened: undefined };
  connections.set(address, connection);
  return connection;
}

/** The `docker` command, pointed at one engine. */
export class DockerCommand {
  readonly #host: string | undefined;
  readonly #turns: Turns;
  /** Undefined where the engine is not reached over SSH. */
  readonly #connection: Connection | undefined;
  /** What the engine must carry. */
  readonly #mark: EngineMark | undefined;
  #recognised: Promise<void> | undefined;
  /** Why the engine is out of reach, once that is known: further commands would only wait for the same. */
  #unreachable: EngineUnreachableError | undefined;

  constructor(host: string | undefined, mark?: EngineMark) {
    this.#host = host;
    this.#mark = mark;
    const address = engineAddress(host);
    this.#connection = address?.startsWith("ssh://") ? connectionTo(address) : undefined;
    this.#turns = this.#connection?.turns ?? new Turns(atATime.other);
  }

  /**
   * @param timeoutMs - how long it may take, in milliseconds
   * @param input - what it reads on standard input
   * @returns what it prints on standard output
   * @throws EngineUnreachableError when the engine does not answer; EngineError when the command fails
   */
  async print(args: readonly string[], timeoutMs = answerMs, input?: Buffer): Promise<string> {
    await this.recognise();
    return await this.#print(args, timeoutMs, input);
  }

  /**
   * What a program in a running container prints. An engine on this machine starts it by its socket, since a start of `docker`
   * costs as much as that of the program.
   *
   * @throws EngineUnreachableError when the engine does not answer; EngineError when the program fails
   */
  async exec(container: string, command: readonly string[]): Promise<string> {
    await this.recognise();
    return await this.#take(["exec", container, ...command], answerMs, async (args) => {
      const socket = localSocket(this.#host);
      const ended = socket && (await execBySocket(socket, container, command, answerMs));
      if (!ended) return await this.#run(args, answerMs);
      if (ended.exitStatus === 0) return ended.stdout;
      throw Object.assign(
        new Error(`${command.join(" ")} fails in ${container}: exit status ${ended.exitStatus}`),
        ended,
      );
    });
  }

  /**
   * Asks once whether this is the engine that is meant, before anything else is asked of it.
   *
   * @throws OtherEngineError if it is another one; EngineUnreachableError when it does not answer
   */
  async recognise(): Promise<void> {
    await this.#open();
    this.#recognised ??= this.#findMark();
    await this.#recognised;
  }

  async #print(args: readonly string[], timeoutMs = answerMs, input?: Buffer): Promise<string> {
    return await this.#take(args, timeoutMs, () => this.#run(args, timeoutMs, input));
  }

  /** One of the commands that run at a time. */
  async #take(
    args: readonly string[],
    timeoutMs: number,
    command: (args: readonly string[]) => Promise<string>,
  ): Promise<string> {
    return await this.#turns.take(async () => {
      if (this.#unreachable !== undefined) throw this.#unreachable;
      try {
        return await command(args);
      } catch (error) {
        throw await this.#explain(error, args, timeoutMs);
      }
    });
  }

  /**
   * Runs a command on this process' own output, for as long as it takes.
   *
   * @returns its exit status
   * @throws EngineUnreachableError when the engine does not answer
   */
  async stream(args: readonly string[]): Promise<number> {
    await this.recognise();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const child = spawn("docker", [...this.#place(), ...args], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error) => reject(this.#failure(error)));
    child.once("close", (status) => resolve(status ?? 1));
    return await promise;
  }

  /** Commands that start side by side would each open a connection: so the first one starts alone. */
  async #open(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#unreachable !== undefined) throw this.#unreachable;
    shareSshConnections();
    connection.opened ??= this.#run(askVersion, loginMs);
    try {
      await connection.opened;
    } catch (error) {
      connection.opened = undefined;
      const failure = isTimeout(error) ? this.#silence(loginMs) : this.#failure(error);
      if (!(failure instanceof EngineUnreachableError)) return;
      this.#unreachable = failure;
      throw failure;
    }
  }

  async #findMark(): Promise<void> {
    if (this.#mark === undefined) return;
    const { label, value } = this.#mark;
    // By the socket of an engine on this machine; where it does not show the mark, `docker` finds out why.
    const volumes = await volumesWithLabel(this.#host, label);
    if (volumes?.some((volume) => volume.value === value)) return;
    const filter = ["--quiet", "--filter", `label=${label}=${value}`];
    // A volume that nothing uses is removed by `docker volume prune`; the containers carry the same.
    for (const list of [
      ["volume", "ls"],
      ["container", "ls", "--all"],
    ]) {
      if ((await this.#print([...list, ...filter])).trim() !== "") return;
    }
    throw new OtherEngineError(
      `The Docker Engine ${this.#name()} is another one than the stack runs on, or has been installed again: it has nothing with the label ${label}=${value}.`,
      "Run `npm run up`: before it changes anything, it says what is there and what to do.",
    );
  }

  #place(): string[] {
    return this.#host === undefined ? [] : ["--host", this.#host];
  }

  async #run(args: readonly string[], timeout: number, input?: Buffer): Promise<string> {
    // The client would wait for its own ssh, which waits for the link.
    const options = { timeout, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 } as const;
    const running = run("docker", [...this.#place(), ...args], options);
    // A program that ends before it has read everything says why itself.
    if (input !== undefined) running.child.stdin?.on("error", () => undefined).end(input);
    return (await running).stdout;
  }

  async #explain(error: unknown, args: readonly string[], timeoutMs: number): Promise<Error> {
    const failure = this.#failure(error);
    if (failure instanceof EngineUnreachableError) {
      this.#unreachable = failure;
      return failure;
    }
    if (!isTimeout(error)) return failure;
    try {
      await this.#run(askVersion, signOfLifeMs);
    } catch (second) {
      const reason = isTimeout(second) ? this.#silence(answerMs) : this.#failure(second);
      this.#unreachable =
        reason instanceof EngineUnreachableError ? reason : this.#unreachableSince(reason.message);
      return this.#unreachable;
    }
    return new EngineUnreachableError(
      `\`docker ${args.slice(0, 3).join(" ")} …\` did not end within ${timeoutMs / 1000} s.`,
      "Try again when the machine of the Docker Engine has less to do.",
    );
  }

  #failure(error: unknown): Error {
    if (!(error instanceof Error)) return new Error(String(error));
    const stderr = "stderr" in error ? String(error.stderr).trim() : "";
    if ("code" in error && error.code === "ENOENT")
      return new EngineUnreachableError(
        "There is no `docker` command here.",
        "Install the Docker client (the package docker-cli or docker.io); an engine is not needed here.",
      );
    if (unreachable.test(stderr)) return this.#unreachableSince(stderr);
    const stdout = "stdout" in error ? String(error.stdout).trim() : "";
    return new EngineError(stdout || stderr || error.message);
  }

  #silence(ms: number): EngineUnreachableError {
    return this.#unreachableSince(
      `The Docker Engine (${this.#name()}) does not answer within ${ms / 1000} s.`,
    );
  }

  #unreachableSince(said: string): EngineUnreachableError {
    const address = engineAddress(this.#host);
    const isSsh = address?.startsWith("ssh://") ?? false;
    // The client puts what ssh itself said at the end of a sentence about its own inside.
    const sshSaid = isSsh ? /stderr=([\s\S]+)/.exec(said)?.[1]?.trim() : undefined;
    const message = sshSaid ? `The Docker Engine ${this.#name()} cannot be reached: ${sshSaid}` : said;
    return new EngineUnreachableError(message, remedyFor(address, this.#host !== undefined, said));
  }

  #name(): string {
    return engineAddress(this.#host) ?? "of the Docker context";
  }
}

/** What the client itself says; a program in a container may complain of a "permission denied" of its own. */
const unreachable =
  /^(?:cannot connect to the docker daemon|error during connect|failed to connect to the docker api|(?:got )?permission denied while trying to connect to the docker|failed to initialize: |unable to resolve docker endpoint|error response from daemon: client version)/im;

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "killed" in error && error.killed === true;
}
