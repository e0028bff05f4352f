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
        return this.#whole();
      case Way.engineLost:
        await this.#engineLost();
        return this.#whole();
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
    expectSuccess("npm run up", await this.#script());
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
    const [done, refused] = both.toSorted((a, b) => (a.status ?? 1) - (b.status ?? 1));
    expectSuccess("one of two `npm run up`", done);
    if (
      refused !== undefined &&
      refused.status !== 0 &&
      !/[Aa]nother up has been running/.test(refused.output)
    )
      throw new Error(`The second \`npm run up\` at once ended with ${refused.status}:\n${refused.output}`);
  }
}

function expectSuccess(what: string, outcome: Outcome | undefined): void {
  if (outcome?.status === 0) return;
  throw new Error(`${what} ended with ${outcome?.status}:\n${outcome?.output}`);
}
