import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, Outcome } from "../../kit/lab.ts";
import { wayToEngine } from "../../kit/way-to-engine.ts";
import { Way } from "./change.ts";

/** An `up` that is to be cut off is cut off within this time, in milliseconds, whatever it does then. */
const longest = 20_000;

/** The ways in which `up` is run, or goes wrong. */
export class Ways {
  readonly #lab: Lab;
  readonly #checkout: string;
  readonly #random: () => number;

  /** @param random - for the moments at which something goes wrong */
  constructor(lab: Lab, checkout: string, random: () => number) {
    this.#lab = lab;
    this.#checkout = checkout;
    this.#random = random;
  }

  /** @throws Error with what it printed, where it comes to another end than it must */
  async run(way: Way): Promise<void> {
    switch (way) {
      case Way.plain:
        return this.pulumi("up", ["--yes", "--skip-preview"]);
      case Way.whole:
        return this.#whole();
      case Way.targeted:
        await this.pulumi("up", ["--yes", "--skip-preview", "--target", "**mail-server-mx.two.test**"]);
        return this.pulumi("up", ["--yes", "--skip-preview"]);
      case Way.killed:
        await this.#killed();
        return this.#repaired();
      case Way.engineLost:
        await this.#engineLost();
        return this.#repaired();
      case Way.twice:
        return this.#twice();
    }
  }

  /** A command of the CLI that takes a stack and its file. Never throws. */
  operate(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const { stack, file } = this.#lab;
    const words = [command, ...args, "--stack", stack, "--config-file", file];
    return this.#lab.pulumi(words, environment, this.#checkout);
  }

  async pulumi(command: string, args: readonly string[]): Promise<void> {
    expectSuccess(`pulumi ${command}`, await this.operate(command, args));
  }

  #script(): Promise<Outcome> {
    return this.#lab.script(["up", "--stack", this.#lab.stack], this.#checkout);
  }

  async #whole(): Promise<void> {
    const outcome = await this.#script();
    if (!isChanged(outcome.output)) expectSuccess("npm run up", outcome);
  }

  /** After an `up` that failed, of which nothing is anybody's change by hand. */
  async #repaired(): Promise<void> {
    const outcome = await this.#script();
    if (!isChanged(outcome.output)) expectSuccess("the next npm run up", outcome);
    const [accused] = /^.*edited by hand.*$/m.exec(outcome.output) ?? [];
    if (accused !== undefined) throw new Error(`The next npm run up says: ${accused}`);
  }

  async #killed(): Promise<void> {
    const first = this.operate("up", ["--yes", "--skip-preview"]);
    let isOver = false;
    void first.finally(() => {
      isOver = true;
    });
    let pid: number | undefined;
    while (pid === undefined && !isOver) {
      await sleep(20);
      pid = this.#lockedBy();
    }
    await sleep(this.#random() * longest);
    if (!isOver && pid !== undefined) process.kill(pid, "SIGKILL");
    await first;
  }

  /** The process that holds the stack's lock. */
  #lockedBy(): number | undefined {
    const folder = join(this.#lab.stateFolder, ".pulumi/locks/organization/maildomain", this.#lab.stack);
    try {
      const [name] = readdirSync(folder).filter((file) => file.endsWith(".json"));
      return name === undefined
        ? undefined
        : (JSON.parse(readFileSync(join(folder, name), "utf8")) as { pid: number }).pid;
    } catch {
      // There is none yet, or it is being written.
      return undefined;
    }
  }

  async #engineLost(): Promise<void> {
    const socket = join(this.#lab.stateFolder, "..", "docker.sock");
    const way = wayToEngine(socket);
    const first = this.operate("up", ["--yes", "--skip-preview"], { DOCKER_HOST: `unix://${socket}` });
    await Promise.race([first, sleep(this.#random() * longest)]);
    way.vanish();
    await first;
  }

  async #twice(): Promise<void> {
    const both = await Promise.all([this.#script(), this.#script()]);
    // Where the first has ended before the second looks, both do what is left to do.
    const isRefused = ({ output }: Outcome) => /another up has been running/i.test(output);
    if (both.every(isRefused))
      throw new Error(`Neither of two \`npm run up\` at once did it:\n${both[0].output}`);
    for (const outcome of both.filter((one) => !isRefused(one) && !isChanged(one.output)))
      expectSuccess("one of two `npm run up` at once", outcome);
  }
}

/**
 * Whether `up` came as far as its checks, and none failed but those that a busy machine fails, since something takes too
 * long, and that of the backups, which nobody makes here.
 */
function isChanged(output: string): boolean {
  const failures = output.match(/^ +FAILED .*$/gm) ?? [];
  const isExcused = (line: string) =>
    /does not answer|no answer within|no result within|timed out|not there after|last backup/.test(line);
  return /^\d+ of \d+ checks passed/m.test(output) && failures.every(isExcused);
}

/** Of a command's output the end says what went wrong. */
const longestQuote = 4000;

function expectSuccess(what: string, outcome: Outcome | undefined): void {
  if (outcome?.status === 0) return;
  throw new Error(`${what} ended with ${outcome?.status}:\n${outcome?.output.slice(-longestQuote)}`);
}
