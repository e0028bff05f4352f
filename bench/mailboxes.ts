/** What many mailboxes cost: previews and changes of a stack, and its server's work. */
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { project } from "../commands/project.ts";
import { engineName } from "../naming/engine.ts";
import { ServerRole } from "../naming/servers.ts";
import { parseGeneration, renderGeneration } from "../servers/generation/generation.ts";
import { generationId } from "../servers/generation/generation-id.ts";
import { bringGeneration, generationIn } from "../test/kit/configuration-volume.ts";
import { docker } from "../test/kit/engine.ts";
import { Lab } from "../test/kit/lab.ts";
import { MailClients } from "../test/kit/mail-clients.ts";
import { type CpuTime, cpuTime, formatCpuTime, medianCpuTime } from "./cpu-time.ts";
import { memory } from "./docker-run.ts";
import { type Figure, median, seconds, time } from "./figure.ts";

const rounds = 3;
const [fewest, ...more] = [8, 100, 1_000, 10_000] as const;
const password = "123456";
/** Of each round, for each rate: what is seen of its end is up to 0.1 s late, which has to be little of it. */
const messages = 600;
const logins = 60;
const atOnce = 6;

/** Results for one number of mailboxes; times in milliseconds, medians. */
export interface Growth {
  readonly mailboxes: number;
  /** A preview without changes, and what it is to one of the fewest mailboxes, taken in turns. */
  readonly preview: number;
  readonly previewRatio: number;
  /** Its CPU time, of which the ratio is. */
  readonly previewCpu: number;
  /** From the start of an `up` that adds one mailbox to its first login, and to the end of the command. */
  readonly firstLogin: number;
  readonly addOne: number;
  /** From a generation's arrival on the volume until all daemons serve it. */
  readonly reload: number;
  /** The mail server's container, MiB. */
  readonly memory: number;
  /** Per second. */
  readonly deliveries: number;
  readonly logins: number;
}

/** A stack with one domain whose mailboxes are in a file, and its clients. */
class ManyMailboxes {
  readonly count: number;
  readonly #folder: string;
  readonly #lab: Lab;
  #added = 0;
  #previews: CpuTime[] = [];

  private constructor(count: number, folder: string, lab: Lab) {
    this.count = count;
    this.#folder = folder;
    this.#lab = lab;
  }

  static async create(count: number): Promise<ManyMailboxes> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-bench-"));
    const users = Array.from({ length: count }, (_, index) => `user${index},${password}\n`);
    const directory = join(folder, "users.csv");
    await writeFile(directory, `name,password\n${users.join("")}`);
    const lab = await Lab.create({ lab: true, domains: [{ name: "d0.example", directory }] });
    const stack = new ManyMailboxes(count, folder, lab);
    try {
      await lab.up();
      await lab.settled();
      return stack;
    } catch (error) {
      await stack.remove();
      throw error;
    }
  }

  async preview(): Promise<number> {
    const took = await cpuTime(() => this.#lab.preview(["--expect-no-changes"]));
    this.#previews.push(took);
    return took.wall;
  }

  /** What follows is compared with another stack. */
  startComparison(): void {
    this.#previews = [];
  }

  /** The CPU time of its previews in this comparison. */
  get previewCpu(): CpuTime {
    return medianCpuTime(this.#previews);
  }

  /** Adds one mailbox by an `up`, and logs in as soon as it can be. */
  async addOne(): Promise<Pick<Growth, "firstLogin" | "addOne">> {
    const user = `added${this.#added++}`;
    await appendFile(join(this.#folder, "users.csv"), `${user},${password}\n`);
    const clients = await this.#clients();
    const start = performance.now();
    let end = 0;
    // As `npm run up` calls it.
    const up = this.#lab.up(["--suppress-outputs"]).finally(() => {
      end = performance.now();
    });
    const login = (async () => {
      await this.#mayLogIn(`${user}@d0.example`);
      const client = clients.imap(`${user}@d0.example`, password);
      await client.connect();
      const first = performance.now() - start;
      await client.logout();
      return first;
    })();
    const [, firstLogin] = await Promise.all([up, login]);
    return { firstLogin, addOne: end - start };
  }

  /**
   * A wrong login costs its address more time with each try, so only one that can succeed is tried. Who waits does so
   * inside the container, where it takes nothing from the command that is measured.
   */
  async #mayLogIn(address: string): Promise<void> {
    const wait = `until grep -q "^${address}:" /run/maildomain/accounts/passwd; do sleep 0.1; done`;
    await docker("exec", this.#server, "timeout", "120", "sh", "-c", wait);
  }

  get #server(): string {
    return engineName({ project, stack: this.#lab.stack }, ServerRole.mailServer);
  }

  /** Carries a generation with another password for the last mailbox, and then the whole one again. */
  async reload(): Promise<number> {
    const whole = await generationIn(this.#server);
    const files = parseGeneration(whole).map((file) =>
      file.path === "dovecot/passwd"
        ? { ...file, content: file.content.replace(/\{ARGON2ID\}[^:]*([^\n]*\n)$/, "{ARGON2ID}other$1") }
        : file,
    );
    const times: number[] = [];
    for (const generation of [renderGeneration(files), whole]) {
      await bringGeneration(this.#server, generation);
      const id = generationId(generation);
      times.push(
        await time(async () => {
          while ((await docker("exec", this.#server, "maildomain-generation").catch(String)) !== id) {
            await sleep(50);
          }
        }),
      );
    }
    return median(times);
  }

  memory(): Promise<number> {
    return memory(this.#server);
  }

  /** Messages handed in, filtered, signed and delivered to mailboxes all over the domain, per second. */
  async deliveries(): Promise<number> {
    const clients = await this.#clients();
    const from = "user0@d0.example";
    const transport = clients.smtp("submission", from, password);
    const took = await time(async () => {
      for (let n = 0; n < messages; n++) {
        const to = `user${this.#spread(n, messages)}@d0.example`;
        await transport.sendMail({ from, to, subject: `message ${n}`, text: "Text." });
      }
      while ((await docker("exec", this.#server, "postqueue", "-j")) !== "") await sleep(50);
    });
    transport.close();
    return (messages * 1000) / took;
  }

  /** Logins by IMAP, several at a time, of users all over the domain, per second. */
  async logins(): Promise<number> {
    const clients = await this.#clients();
    let next = 0;
    const one = async () => {
      while (next < logins) {
        const client = clients.imap(`user${this.#spread(next++, logins)}@d0.example`, password);
        await client.connect();
        await client.logout();
      }
    };
    const took = await time(() => Promise.all(Array.from({ length: atOnce }, one)));
    return (logins * 1000) / took;
  }

  /** The nth of so many users that lie evenly among all. */
  #spread(n: number, of: number): number {
    return Math.floor((n * this.count) / of) % this.count;
  }

  async #clients(): Promise<MailClients> {
    return new MailClients(await this.#lab.outputs());
  }

  async remove(): Promise<void> {
    await this.#lab.takeDown();
    await rm(this.#folder, { recursive: true });
  }
}

/** Each number of mailboxes beside the fewest, both in the same minutes of the same machine. */
export async function measureMailboxes(): Promise<{ figures: Figure[]; growth: Growth[] }> {
  const small = await ManyMailboxes.create(fewest);
  const growth: Growth[] = [];
  const figures: Figure[] = [];
  try {
    for (const count of more) {
      const large = await ManyMailboxes.create(count);
      try {
        const measured = await compare(small, large);
        growth.push(measured.large);
        if (count === more.at(-1)) growth.unshift(measured.small);
        figures.push(...figuresOf(measured.small, measured.large, measured.preview));
      } finally {
        await large.remove();
      }
    }
  } finally {
    await small.remove();
  }
  return { figures, growth };
}

type Measure = "preview" | "deliveries" | "logins" | "firstLogin" | "addOne";

async function compare(small: ManyMailboxes, large: ManyMailboxes) {
  const values = new Map<string, number[]>();
  const note = (of: ManyMailboxes, measure: Measure, value: number) => {
    const key = `${of.count} ${measure}`;
    values.set(key, [...(values.get(key) ?? []), value]);
  };
  for (const stack of [small, large]) stack.startComparison();
  for (let round = 0; round < rounds; round++) {
    for (const measure of ["preview", "deliveries", "logins"] as const) {
      for (const stack of [small, large]) note(stack, measure, await stack[measure]());
    }
    for (const stack of [small, large]) {
      const { firstLogin, addOne } = await stack.addOne();
      note(stack, "firstLogin", firstLogin);
      note(stack, "addOne", addOne);
    }
  }
  const of = (stack: ManyMailboxes, measure: Measure) =>
    median(values.get(`${stack.count} ${measure}`) ?? []);
  const rest = async (stack: ManyMailboxes): Promise<Growth> => ({
    mailboxes: stack.count,
    preview: of(stack, "preview"),
    previewRatio: stack.previewCpu.total / small.previewCpu.total,
    previewCpu: stack.previewCpu.total,
    reload: await stack.reload(),
    memory: await stack.memory(),
    deliveries: of(stack, "deliveries"),
    logins: of(stack, "logins"),
    firstLogin: of(stack, "firstLogin"),
    addOne: of(stack, "addOne"),
  });
  const preview = `CPU ${formatCpuTime(large.previewCpu)} / ${formatCpuTime(small.previewCpu)}`;
  return { small: await rest(small), large: await rest(large), preview };
}

/** The limits are those that a machine with two cores has to keep. */
function figuresOf(small: Growth, large: Growth, previewCpu: string): Figure[] {
  const name = large.mailboxes.toLocaleString("en");
  const preview: Figure = {
    name: `no-op preview with ${name} mailboxes / with ${small.mailboxes}`,
    value: large.previewRatio,
    unit: "ratio",
    limit: { 1000: 2, 10000: 2 }[large.mailboxes],
    detail: `${previewCpu}; ${seconds(large.preview)} / ${seconds(small.preview)} pass; medians of ${rounds}`,
  };
  if (large.mailboxes !== more.at(-1)) return [preview];
  const rate = (what: "deliveries" | "logins"): Figure => ({
    name: `${what} with ${small.mailboxes} mailboxes / with ${name}`,
    value: small[what] / large[what],
    unit: "ratio",
    // The other way round: a rate of at least 0.9.
    limit: 1 / 0.9,
    detail: `${small[what].toFixed(1)} / ${large[what].toFixed(1)} per second, medians of ${rounds}`,
  });
  return [
    preview,
    {
      name: `first login of a mailbox added to ${name} / to ${small.mailboxes}`,
      value: large.firstLogin / small.firstLogin,
      unit: "ratio",
      limit: 1.5,
      detail: `${seconds(large.firstLogin)} / ${seconds(small.firstLogin)}; the command ends after ${seconds(large.addOne)}; medians of ${rounds}`,
    },
    rate("deliveries"),
    rate("logins"),
  ];
}
