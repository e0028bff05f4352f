import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { containersOf, type RunningStack } from "../../../outputs/running-stack.ts";
import { Checkouts } from "../../kit/checkout.ts";
import { docker, incarnation, objectsOf } from "../../kit/engine.ts";
import { Lab, type Settings } from "../../kit/lab.ts";
import { type Change, Way } from "./change.ts";
import { Clients, hosts, type MessageId } from "./clients.ts";
import { applyDamage } from "./damage.ts";
import { type Announcement, type EngineState, findDifferences, type Outcome } from "./differences.ts";
import { addLine } from "./dockerfiles.ts";
import { applyEdit } from "./edit.ts";
import { fixture } from "./fixture.ts";
import { Load, type Observation } from "./load.ts";
import { Ways } from "./ways.ts";

/** What came of a change. */
export interface Result {
  readonly change: Change;
  /** See {@link findDifferences}; none where all is as written. */
  readonly differences: readonly string[];
  /** In milliseconds: the review, `up` until each server serves what it was given, and a preview that changes nothing. */
  readonly times: { readonly review: number; readonly up: number; readonly nothing: number };
  /** Undefined where the change was refused. */
  readonly observed?: Observation | undefined;
}

/** Makes changes to one running stack, one after another, under load. */
export class Driver {
  readonly #lab: Lab;
  /** A copy of the project, whose files a change may touch. */
  readonly #checkout: string;
  readonly #random: () => number;
  #settings: Settings = fixture;
  #load: Load | undefined;

  private constructor(lab: Lab, checkout: string, random: () => number) {
    this.#lab = lab;
    this.#checkout = checkout;
    this.#random = random;
  }

  /** Provisions the stack. @param random - for the moments at which something goes wrong */
  static async start(random: () => number): Promise<Driver> {
    const lab = await Lab.create(fixture);
    const checkout = await Checkouts.without(lab).make();
    const driver = new Driver(lab, checkout, random);
    try {
      await driver.#ways.pulumi("up", ["--yes", "--skip-preview"]);
      const running = await lab.settled();
      await giveEverybodyMail(running);
      driver.#load = new Load(running, (id) => driver.#trace(id));
    } catch (error) {
      await driver.stop().catch(() => undefined);
      throw error;
    }
    return driver;
  }

  async stop(): Promise<void> {
    await this.#load?.stop();
    await this.#lab.takeDown();
    await rm(this.#checkout, { recursive: true, force: true });
  }

  get #ways(): Ways {
    return new Ways(this.#lab, this.#checkout, this.#random);
  }

  async make(change: Change): Promise<Result> {
    const settings = applyEdit(this.#settings, change.edit);
    for (const [name, text] of Object.entries(change.files ?? {}))
      await writeFile(join(this.#checkout, "stacks", name), text);
    await this.#lab.configure(settings);
    if (change.refusal !== undefined) return this.#refused(change, change.refusal);
    for (const [image, line] of Object.entries(change.linesIn ?? {}))
      await addLine(this.#checkout, image, line);
    const load = this.#load;
    if (load === undefined) throw new Error("The stack does not run.");

    const before = await this.#engineState();
    if (change.damage !== undefined) await applyDamage(this.#lab, change.damage);
    const [announced, review] = await timed(() => this.#review()).catch(async (error: unknown) => {
      await this.#lab.configure(this.#settings);
      throw error;
    });
    this.#settings = settings;
    const [running, up] = await timed(() => this.#up(change));
    load.follow(running);
    const [leftOver, nothing] = await timed(() => this.#leftOver());
    const observed = await load.observe();
    const after = await this.#engineState();
    const outcome: Outcome = { announced, before, after, observed, leftOver };
    return {
      change,
      differences: findDifferences(change, outcome),
      times: { review, up, nothing },
      observed,
    };
  }

  async #up({ way = Way.plain }: Change): Promise<RunningStack> {
    await this.#ways.run(way);
    return this.#lab.settled();
  }

  /** Nothing happens, and the stack file is again what it was. */
  async #refused(change: Change, refusal: RegExp): Promise<Result> {
    const before = await this.#engineState();
    const [{ status, output }, review] = await timed(() => this.#ways.operate("preview", []));
    await this.#lab.configure(this.#settings);
    const after = await this.#engineState();
    const isSame = JSON.stringify([...before.servers]) === JSON.stringify([...after.servers]);
    return {
      change,
      differences: [
        ...(status === 0 ? ["it is not refused"] : []),
        ...(status !== 0 && !refusal.test(output)
          ? [`it is refused with other words: ${output.slice(-2000)}`]
          : []),
        ...(isSame ? [] : ["a server has changed"]),
      ],
      times: { review, up: 0, nothing: 0 },
    };
  }

  /** What `npm run review` says. */
  async #review(): Promise<Announcement> {
    const args = ["review", "--stack", this.#lab.stack, "--json"];
    const { status, output } = await this.#lab.script(args, this.#checkout);
    if (status !== 0) throw new Error(`npm run review ended with ${status}:\n${output}`);
    // Notes come on standard error.
    const { risks, changes } = JSON.parse(
      output.slice(output.indexOf("{\n"), output.lastIndexOf("}") + 1),
    ) as {
      readonly risks: readonly { readonly id: string }[];
      readonly changes: Announcement["changes"];
    };
    return { risks: risks.map(({ id }) => id), changes };
  }

  async #leftOver(): Promise<string | undefined> {
    const { status, output } = await this.#ways.operate("preview", ["--expect-no-changes", "--diff"]);
    return status === 0 ? undefined : output.slice(-2000);
  }

  async #engineState(): Promise<EngineState> {
    const running = await this.#lab.outputs();
    const names = [
      ...containersOf(running).map(({ name }) => name),
      ...running.furtherServers.map(({ container }) => container),
    ];
    const servers = await Promise.all(
      names.map(async (container) => {
        const generation = await docker("exec", container, "maildomain-generation").catch(() => "none");
        const limits = await docker("inspect", "--format", "{{.HostConfig.Memory}}", container);
        const state = { incarnation: await incarnation(container), served: `${generation} ${limits}` };
        return [this.#plain(container), state] as const;
      }),
    );
    const volumes = (await objectsOf(this.#lab.prefix)).filter((thing) => thing.startsWith("volume "));
    return {
      servers: new Map(servers.toSorted(([a], [b]) => a.localeCompare(b))),
      volumes: new Set(volumes.map((thing) => this.#plain(thing.slice("volume ".length)))),
    };
  }

  /** What the mail servers' logs have of a message. */
  async #trace(id: MessageId): Promise<string> {
    const running = await this.#lab.outputs();
    const names = [
      running.containers.mailServer,
      ...running.furtherServers.map(({ container }) => container),
    ];
    const logs = await Promise.all(names.map((name) => docker("logs", name)));
    return names.map((name, index) => `${this.#plain(name)}:\n${linesOf(id, logs[index] ?? "")}`).join("\n");
  }

  /** Without the stack's own name. @example "mail-server", "mail-server-mailboxes" */
  #plain(name: string): string {
    return name.slice(this.#lab.prefix.length + 1);
  }
}

/** Postfix names a message once, and by its queue's id from then on. */
function linesOf(id: MessageId, log: string): string {
  const lines = log.split("\n");
  const queueIds = lines.flatMap((line) =>
    line.includes(id) ? (/ (\w+): message-id=/.exec(line)?.slice(1) ?? []) : [],
  );
  return lines.filter((line) => [id, ...queueIds].some((known) => line.includes(known))).join("\n");
}

/** So that whoever is removed has something to lose. */
async function giveEverybodyMail(running: RunningStack): Promise<void> {
  const clients = new Clients(running);
  for (const host of hosts) {
    const { mailboxes = [] } = running.domains.find(({ name }) => name === host.domain) ?? {};
    for (const { address } of mailboxes) await clients.deliver(host, "Welcome", address.split("@")[0]);
  }
}

async function timed<Value>(act: () => Promise<Value>): Promise<[Value, number]> {
  const start = performance.now();
  return [await act(), performance.now() - start];
}
