import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { test as base, describe, expect, vi } from "vitest";

const images = fileURLToPath(new URL("../../../images", import.meta.url));
const library = join(images, "generation");
const generation = "0123456789abcdef";
/** The program with another clock than the machine's, and another server than the container's. */
const script = "($Clock::file, $Generation::run, my $program) = @ARGV; do $program; die $@";
/** As long as a slow machine needs. */
const patience = { timeout: 50_000, interval: 10 };

/** Speaks first, as an SMTP server does, unless it hangs. */
class Daemon {
  readonly #server: Server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  hangs = false;
  /** How many clients have connected, and how many of them have left. */
  asked = 0;
  left = 0;

  #serve(socket: Socket): void {
    this.asked++;
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.left++);
    socket.resume();
    if (!this.hangs) socket.write("220 ready\r\n");
  }

  /** A path is nobody else's: a port that is given up may be, before it is missed. */
  async listen(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, "listening");
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Check {
  readonly signal: (name: NodeJS.Signals) => void;
  /** What it has printed, and its exit status, once it has ended. */
  readonly ended: Promise<{ readonly output: string; readonly status: number | null }>;
}

/** A server of one daemon, as its health check sees it, with a clock that stands still. */
class CheckedServer {
  readonly daemon = new Daemon();
  readonly #folder: string;
  readonly #checks: Check[] = [];
  #uptime = 1000;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<CheckedServer> {
    const server = new CheckedServer(await mkdtemp(join(tmpdir(), "healthcheck-")));
    await mkdir(server.path("current"), { recursive: true });
    await server.daemon.listen(server.socket);
    await server.write("in-force", `${generation}\n`);
    await server.write("current/listening", `unix ${server.socket}\n`);
    await server.write("current/health-questions", `unix ${server.socket} - talker\n`);
    await server.pass(0);
    return server;
  }

  path(name: string): string {
    return join(this.#folder, "run", name);
  }

  get socket(): string {
    return this.path("daemon");
  }

  async write(name: string, text: string): Promise<void> {
    const path = this.path(name);
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  }

  async pass(seconds: number): Promise<void> {
    this.#uptime += seconds;
    await this.write("uptime", `${this.#uptime}.00 0.00\n`);
  }

  get isKnownHealthy(): boolean {
    return existsSync(this.path("healthy"));
  }

  /** @param before - what is done first in its process */
  check(before = ""): Check {
    const places = [this.path("uptime"), this.path(""), join(library, "healthcheck")];
    const program = spawn(
      "perl",
      [`-I${library}`, "-MClock", "-MGeneration", "-e", before + script, ...places],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    for (const stream of [program.stdout, program.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const check = {
      signal: (name: NodeJS.Signals) => void program.kill(name),
      ended: once(program, "close").then(([status]) => ({ output, status })),
    };
    this.#checks.push(check);
    return check;
  }

  /** A check of a server that is known to be healthy, whose daemon has answered it once. */
  async stayingCheck(): Promise<Check> {
    await this.write("healthy", "");
    const check = this.check();
    await this.hasAnswered(1);
    return check;
  }

  async hasAnswered(times: number): Promise<void> {
    await vi.waitFor(() => expect(this.daemon.left).toBe(times), patience);
  }

  async isAskedAgain(): Promise<void> {
    const before = this.daemon.asked;
    await this.pass(60);
    await vi.waitFor(() => expect(this.daemon.asked).toBeGreaterThan(before), patience);
  }

  /** Time passes until the check ends. */
  async ends({ ended }: Check): Promise<Awaited<Check["ended"]>> {
    let isOver = false;
    const end = ended.finally(() => (isOver = true));
    while (!isOver) {
      await this.pass(1);
      await Promise.race([sleep(20), end]);
    }
    return end;
  }

  async remove(): Promise<void> {
    for (const { signal } of this.#checks) signal("SIGKILL");
    await Promise.all(this.#checks.map(({ ended }) => ended));
    await this.daemon.close();
    await rm(this.#folder, { recursive: true });
  }
}

const test = base.extend<{ server: CheckedServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads from it what a fixture depends on
  server: async ({}, use) => {
    const server = await CheckedServer.start();
    await use(server);
    await server.remove();
  },
});
const healthy = { output: `generation ${generation} is in force\n`, status: 0 };
const unhealthy = (fault: string) => ({
  output: `generation ${generation} is in force, but ${fault}\n`,
  status: 1,
});

describe.concurrent("the health check", () => {
  test("reports health at once to whoever waits for it", async ({ server }) => {
    expect(await server.check().ended).toEqual(healthy);
    expect(server.isKnownHealthy).toBe(true);
  });

  test("stays for five minutes, and asks in each", async ({ server }) => {
    const { ended } = await server.stayingCheck();
    for (const times of [2, 3, 4, 5]) {
      await server.pass(60);
      await server.hasAnswered(times);
    }
    await server.pass(60);
    expect(await ended).toEqual(healthy);
    expect(server.daemon.asked).toBe(5);
    expect(server.isKnownHealthy).toBe(true);
  });

  test("finds out a daemon that hangs although it has answered the same check", async ({ server }) => {
    const check = await server.stayingCheck();
    server.daemon.hangs = true;
    await server.isAskedAgain();
    expect(await server.ends(check)).toEqual(unhealthy("no answer comes from: talker"));
    expect(server.isKnownHealthy).toBe(false);
  });

  test("finds out what no longer listens", async ({ server }) => {
    const check = await server.stayingCheck();
    await server.daemon.close();
    expect(await server.ends(check)).toEqual(unhealthy(`nothing listens on: unix ${server.socket}`));
  });

  test("finds out that no program can be started", async ({ server }) => {
    await server.write("healthy", "");
    // In the place of an image that can no longer be read.
    const { ended } = server.check("$^X = '/nowhere';");
    expect(await ended).toEqual(
      unhealthy("a program of the image does not start: No such file or directory"),
    );
  });

  test.for([
    ["is refused", "refused", `broken; generation ${generation} is still served\n`, 1],
    ["is damaged", "damaged", "broken\n", 1],
    ["is another one", "in-force", "generation broken is in force\n", 0],
  ] as const)("ends at once where a generation %s", async ([, file, output, status], { server }) => {
    const { ended } = await server.stayingCheck();
    await server.write(file, "broken\n");
    expect(await ended).toEqual({ output, status });
  });

  test("reports health at once after one that was killed", async ({ server }) => {
    const { signal, ended } = await server.stayingCheck();
    signal("SIGKILL");
    await ended;
    expect(await server.check().ended).toEqual(healthy);
  });

  test("fails where it comes to a standstill itself", async ({ server }) => {
    const { signal, ended } = await server.stayingCheck();
    await once(spawn("perl", ["-MPOSIX", "-e", "mkfifo $ARGV[0], 0600", server.path("refused")]), "close");
    // Opens once the check has, which then waits for a text that nobody writes.
    const writer = await vi.waitFor(
      () => open(server.path("refused"), constants.O_WRONLY | constants.O_NONBLOCK),
      patience,
    );
    let isOver = false;
    const end = ended.finally(() => (isOver = true));
    while (!isOver) {
      // Its own comes after a minute of the machine's clock.
      signal("SIGALRM");
      await Promise.race([sleep(50), end]);
    }
    await writer.close();
    const output = expect.stringMatching(/^the health check has come to a standstill\n/);
    expect(await end).toEqual({ output, status: 1 });
  });
});

base("the engine waits longer than a check can last", async () => {
  const numbers = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, number]) => Number(number));
  const program = await readFile(join(library, "healthcheck"), "utf8");
  const [stay = Number.NaN] = numbers(program, /^my \$stay = (\d+);$/gm);
  const [standstill = Number.NaN] = numbers(program, /^my \$standstill = (\d+);$/gm);
  const files = (await readdir(images)).map((image) => join(images, image, "Dockerfile")).filter(existsSync);
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    const [limit] = numbers(await readFile(file, "utf8"), /^HEALTHCHECK .*--timeout=(\d+)s /gm);
    expect(limit, file).toBeGreaterThanOrEqual(stay + standstill);
  }
});
