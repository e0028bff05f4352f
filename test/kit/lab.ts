import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { project } from "../../commands/project.ts";
import { enginePrefix } from "../../naming/engine.ts";
import { parseRunningStack, type RunningStack } from "../../outputs/running-stack.ts";
import { subnetOf } from "../../stacks/program/stack-network.ts";
import { collectLess, languageHostFolder, localFolder, stateAddress } from "../../toolchain/environment.ts";
import { withoutLog } from "../../toolchain/pulumi-home.ts";
import { docker, objectsOf, removeObjects } from "./engine.ts";
import { awaitGenerations } from "./settled.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const programs = join(projectFolder, "node_modules/.bin");

/** A stack's settings as its file holds them, without the `maildomain:` before each key; other namespaces are written. */
export type Settings = Readonly<Record<string, unknown>>;

/** What opens the secrets of every such stack. */
export const passphrase = "only for this test";

/** A stack that was provisioned once: its settings, and its state with the secrets encrypted by {@link passphrase}. */
export interface SavedStack {
  readonly stack: string;
  readonly address: string;
  readonly settings: Settings;
  /** The `deployment` of what `pulumi stack export` prints. */
  readonly deployment: unknown;
}

/** What a command came to. */
export interface Outcome {
  readonly status: number | null;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

/**
 * A stack of its own beside whatever else runs on the machine: its name, loopback address, state and stack file
 * are made up, so that the standard ports are free and the checkout is not touched.
 */
export class Lab {
  /** Every container, volume and network of the stack has this before its role. */
  readonly prefix: string;
  readonly stateFolder: string;
  readonly stack: string;
  /** The stack file. */
  readonly file: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly address: string;
  #salt = "";

  private constructor(folder: string, stack: string, address: string, environment: NodeJS.ProcessEnv) {
    this.stack = stack;
    this.prefix = enginePrefix({ project, stack: this.stack });
    this.stateFolder = join(folder, "state");
    this.file = join(folder, `Pulumi.${this.stack}.yaml`);
    this.address = address;
    this.#environment = {
      ...process.env,
      // The language host takes its Node from here, as in a person's environment.
      PATH: [languageHostFolder, programs, process.env.PATH].join(delimiter),
      PULUMI_BACKEND_URL: stateAddress(this.stateFolder),
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_COMPILE_CACHE: join(tmpdir(), "maildomain-compile-cache"),
      ...collectLess(process.env),
      ...withoutLog(process.env, localFolder),
      ...environment,
    };
  }

  /**
   * Makes the stack and its file; nothing exists on the engine before {@link up}. It has a loopback address unless the
   * settings say another.
   *
   * @param environment - what every call of the CLI has in addition to this process' own.
   */
  static async create(settings: Settings, environment: NodeJS.ProcessEnv = {}): Promise<Lab> {
    const stack = unusedStackName();
    const { address = unusedLoopbackAddress() } = settings;
    return Lab.#make(stack, String(address), settings, environment);
  }

  /** A stack as an earlier version left it, by its state alone: previews need no engine, and nothing of it runs. */
  static async restore({ stack, address, settings, deployment }: SavedStack): Promise<Lab> {
    const lab = await Lab.#make(stack, address, settings, {});
    await lab.importState(JSON.stringify({ version: 3, deployment }));
    return lab;
  }

  static async #make(
    stack: string,
    address: string,
    settings: Settings,
    environment: NodeJS.ProcessEnv,
  ): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-lab-"));
    const lab = new Lab(folder, stack, address, environment);
    await mkdir(lab.stateFolder);
    await lab.#init(folder);
    await lab.configure(settings);
    return lab;
  }

  /** Forgets a stack of which nothing runs. */
  async forget(): Promise<void> {
    await rm(join(this.stateFolder, ".."), { recursive: true, force: true });
  }

  /** `stack init` takes no `--config-file`: it writes the stack file's salt beside the project file it finds. */
  async #init(folder: string): Promise<void> {
    await writeFile(join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    const { status, output } = await this.pulumi(["stack", "init", this.stack, "--no-select"], {}, folder);
    if (status !== 0) throw new Error(`pulumi stack init ended with ${status}:\n${output}`);
    const { encryptionsalt } = parse(await readFile(this.file, "utf8")) as { encryptionsalt: string };
    this.#salt = encryptionsalt;
  }

  /** Replaces the settings of the stack file. JSON is YAML. */
  async configure(settings: Settings): Promise<void> {
    const config = Object.entries({ address: this.address, ...settings }).map(([key, value]) => [
      key.includes(":") ? key : `maildomain:${key}`,
      value,
    ]);
    const file = { encryptionsalt: this.#salt, config: Object.fromEntries(config) };
    await this.writeConfigFile(JSON.stringify(file, undefined, 2));
    if (settings.lab !== true) await this.#encryptPasswords(settings);
  }

  /** As people do: only a lab's file may have passwords in plain text. */
  async #encryptPasswords(settings: Settings): Promise<void> {
    const domains = (settings.domains ?? []) as readonly {
      readonly mailboxes?: readonly { readonly password?: string }[];
    }[];
    for (const [index, { mailboxes = [] }] of domains.entries()) {
      for (const [at, { password }] of mailboxes.entries()) {
        if (password === undefined) continue;
        const path = `maildomain:domains[${index}].mailboxes[${at}].password`;
        const args = ["config", "set", "--secret", "--path", path, password, ...this.#place];
        const { status, output } = await this.pulumi(args);
        if (status !== 0) throw new Error(`pulumi config set ended with ${status}:\n${output}`);
      }
    }
  }

  async writeConfigFile(text: string): Promise<void> {
    await writeFile(this.file, text);
  }

  /** Runs the real CLI on this stack. Never throws: see {@link Outcome.status}. */
  pulumi(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    folder = projectFolder,
  ): Promise<Outcome> {
    const words = [...args, "--non-interactive", "--color=never"];
    return this.#run(join(programs, "pulumi"), words, environment, folder);
  }

  /**
   * Runs one of the npm scripts with this stack's state. Never throws, as {@link pulumi}.
   *
   * @param folder - a checkout that has the stack's file, where the script needs it.
   */
  script(args: readonly string[], folder = projectFolder): Promise<Outcome> {
    return this.#run(process.execPath, ["toolchain/run.mjs", ...args], {}, folder);
  }

  /** The same on a terminal of 80 × 24, where a person types one line. */
  scriptOnTerminal(args: readonly string[], typed: string, folder = projectFolder): Promise<Outcome> {
    const words = ["stty columns 80 rows 24;", process.execPath, "toolchain/run.mjs", ...args].join(" ");
    const terminal = `printf '%s\\n' '${typed}' | script --quiet --return --command '${words}' /dev/null`;
    return this.#run("sh", ["-c", terminal], { TERM: "xterm", SHELL: "/bin/sh" }, folder);
  }

  /**
   * What a person types into a shell that has this stack's state, and stops at the first command that fails.
   *
   * @param typed - what the commands read from the person
   */
  shell(
    script: string,
    folder: string,
    environment: NodeJS.ProcessEnv = {},
    typed?: string,
  ): Promise<Outcome> {
    return this.#run("bash", ["-euo", "pipefail", "-c", script], environment, folder, typed);
  }

  #run(
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    folder: string,
    typed?: string,
  ): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...this.#environment, ...environment },
      stdio: [typed === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    // One that reads nothing may have ended before.
    child.stdin?.on("error", () => {}).end(typed);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
    return promise;
  }

  /** A command that takes a stack and its file, such as `up`, `preview` or `destroy`. */
  operate(
    command: string,
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
    folder = projectFolder,
  ) {
    return this.pulumi([command, ...args, ...this.#place], environment, folder);
  }

  /** The same for a person at a terminal, who gives this answer to the question whether to continue. */
  async ask(command: string, args: readonly string[], answer: "yes" | "no"): Promise<Outcome> {
    const words = [join(programs, "pulumi"), command, ...args, "--color=never", ...this.#place];
    const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const child = spawn("script", ["--quiet", "--return", "--command", quoted, "/dev/null"], {
      cwd: projectFolder,
      env: { ...this.#environment, TERM: "xterm", SHELL: "/bin/sh" },
    });
    let output = "";
    let answered = false;
    // Its errors as well, and not on this process' own stream: vitest waits for the end of that one, whoever has it.
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (answered || !/perform this (?:update|destroy)/.test(output)) return;
        answered = true;
        // Typing narrows the list of answers down.
        child.stdin.write(answer);
        setTimeout(() => child.stdin.write("\r"), 500);
      });
    }
    const [status] = await once(child, "close");
    return { status, output };
  }

  /** @throws Error with the CLI's output when it does not succeed. */
  async up(args: readonly string[] = []): Promise<string> {
    return this.#succeed("up", ["--yes", "--skip-preview", ...args]);
  }

  async preview(args: readonly string[] = []): Promise<string> {
    return this.#succeed("preview", args);
  }

  async #succeed(command: string, args: readonly string[]): Promise<string> {
    const { status, output } = await this.operate(command, args);
    if (status !== 0) throw new Error(`pulumi ${command} ended with ${status}:\n${output}`);
    return output;
  }

  /** The stack's outputs as everybody sees them, or with its secrets. */
  showOutputs(args: readonly string[] = []): Promise<Outcome> {
    return this.pulumi(["stack", "output", "--json", ...args, "--stack", this.stack]);
  }

  /** What `pulumi stack export` prints. */
  async exportState(): Promise<string> {
    const { status, output } = await this.pulumi(["stack", "export", "--stack", this.stack]);
    if (status !== 0) throw new Error(`pulumi stack export ended with ${status}:\n${output}`);
    return output;
  }

  /** As if the time had passed: every time of the stages in the state is earlier by that much. */
  async letPass(seconds: number): Promise<void> {
    const earlier = (time: string) => new Date(Date.parse(time) - seconds * 1000).toISOString();
    const state = (await this.exportState()).replace(
      /"(since|nextFrom|until)": "([^"]+)"/g,
      (_, name, time) => `"${name}": "${earlier(time).replace(/\.\d+Z$/, "Z")}"`,
    );
    await this.importState(state);
  }

  /** Puts a state in the place of the stack's own. */
  async importState(state: string): Promise<void> {
    const file = join(this.stateFolder, "..", "import.json");
    await writeFile(file, state);
    const { status, output } = await this.pulumi(["stack", "import", "--file", file, "--stack", this.stack]);
    if (status !== 0) throw new Error(`pulumi stack import ended with ${status}:\n${output}`);
  }

  async outputs(): Promise<RunningStack> {
    const { status, output } = await this.showOutputs(["--show-secrets"]);
    if (status !== 0) throw new Error(`pulumi stack output ended with ${status}:\n${output}`);
    return parseRunningStack(JSON.parse(output));
  }

  /** Waits until all servers have taken the configuration of the last `up`. */
  async settled(): Promise<RunningStack> {
    const running = await this.outputs();
    await awaitGenerations(running, (container) =>
      docker("exec", container, "maildomain-generation").catch(String),
    );
    return running;
  }

  /**
   * Takes the stack away, by force where the CLI fails, and then complains of everything that it left behind.
   *
   * @param expected - what `destroy` must leave, such as the mail of a stack that is not a lab.
   */
  async takeDown(expected: readonly string[] = []): Promise<void> {
    const { status, output } = await this.operate("destroy", ["--yes", "--skip-preview"]);
    const left = await objectsOf(this.prefix);
    await removeObjects(left);
    await rm(join(this.stateFolder, ".."), { recursive: true, force: true });
    assert.equal(status, 0, output);
    assert.deepEqual(left, expected);
  }

  get #place(): string[] {
    return ["--stack", this.stack, "--config-file", this.file];
  }
}

/** A stack's network comes from its name: files that run side by side take theirs from different halves. */
function unusedStackName(): string {
  const half = Number(process.env.VITEST_POOL_ID ?? 0) % 2;
  for (;;) {
    const stack = `test-${randomBytes(4).toString("hex")}`;
    const [, , block = ""] = subnetOf(stack).split(".");
    if (Number(block) % 2 === half) return stack;
  }
}

/** All of 127.0.0.0/8 is this machine; an address of their own keeps two runs of the suite apart. */
function unusedLoopbackAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`;
}
