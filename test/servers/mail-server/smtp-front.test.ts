import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const program = fileURLToPath(new URL("../../../images/mail-server/smtp-front", import.meta.url));
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const places = { strangers: 2, users: 2 };
/** How many files and sockets the front may have. */
const descriptors = 64;
/** In the place of its clock: the seconds in a file. */
const clock = `package Clock;
use Time::HiRes;
no warnings 'redefine';
*Time::HiRes::time = sub () { open my $file, '<', $ENV{CLOCK} or die; return 0 + <$file> };
1;
`;

let folder: string;
let port: number;
let front: ChildProcess;
let postfix: Server | undefined;
/** What Postfix learns of each connection, in the order in which they came. */
let heard: string[];
const clients: Socket[] = [];

async function setClock(seconds: number): Promise<void> {
  await writeFile(join(folder, "next"), `${seconds}\n`);
  await rename(join(folder, "next"), join(folder, "clock"));
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Answers each line with 250. */
async function startPostfix(): Promise<void> {
  postfix = createServer((socket) => {
    let text = "";
    socket.write("220 mail.example.org ESMTP\r\n");
    socket.on("error", () => undefined).setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
      for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (line.startsWith("PROXY ")) heard.push(line);
        else socket.write(`250 ${line}\r\n`);
      }
    });
  }).listen(join(folder, "submission"));
  await once(postfix, "listening");
}

/** Says EHLO, and gives what came back as soon as it is a second line, or the end. */
async function greets(host = "127.0.0.1", localAddress?: string): Promise<string> {
  const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
  socket.setEncoding("utf8");
  clients.push(socket);
  let text = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("error", () => resolve()).on("close", () => resolve());
  socket.on("data", (part: string) => {
    text += part;
    if (text.split("\r\n").length > 2) resolve();
  });
  socket.write("EHLO client.example\r\n");
  await promise;
  return text;
}

const served = "220 front\r\n250 EHLO client.example\r\n";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "smtp-front-"));
  heard = [];
  port = await unusedPort();
  await writeFile(join(folder, "logins"), "");
  await writeFile(join(folder, "ports"), `${port} submission ${places.strangers} ${places.users} front\n`);
  await mkdir(join(folder, "health"));
  const files = ["ports", "", "logins", "health/up"].map((name) => join(folder, name));
  await writeFile(join(folder, "Clock.pm"), clock);
  await setClock(1000);
  const command = `ulimit -n ${descriptors}; exec perl -MClock "$@"`;
  front = spawn("sh", ["-c", command, "", program, ...files], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PERL5LIB: folder, CLOCK: join(folder, "clock") },
  });
  await startPostfix();
  await vi.waitFor(
    async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    },
    { timeout: 30_000 },
  );
});
afterEach(async () => {
  for (const socket of clients.splice(0)) socket.destroy();
  front.kill();
  postfix?.close();
  await rm(folder, { recursive: true });
});

test("Postfix learns who the client is", async () => {
  expect(await greets()).toBe(served);
  expect(heard).toEqual([
    expect.stringMatching(new RegExp(`^PROXY TCP4 127\\.0\\.0\\.1 127(\\.\\d+){3} \\d+ ${port}$`)),
  ]);
});

test.runIf(hasIPv6)(
  "and by IPv6, whose login is found again by the address that Postfix was given",
  async () => {
    expect(await greets("::1")).toBe(served);
    const line = new RegExp(`^PROXY TCP6 ::1 (100::[0-9a-f:]+) \\d+ ${port}$`);
    const [, own = ""] = line.exec(heard[0] ?? "") ?? [];
    expect(own).not.toBe("");
    await appendFile(join(folder, "logins"), `1 ana@example.org ${own}\n`);
    // With one user there is still place for as many strangers as ever.
    for (let n = 0; n < places.strangers; n += 1) expect(await greets("::1")).toBe(served);
  },
);

test("users that fill all their places leave those of strangers, through which others log in", async () => {
  for (let n = 0; n < places.users; n += 1) {
    expect(await greets()).toBe(served);
    const own = heard.at(-1)?.split(" ")[3];
    await appendFile(join(folder, "logins"), `1 ana@example.org ${own}\n`);
  }
  for (let n = 0; n < places.strangers; n += 1) expect(await greets()).toBe(served);
});

test("without Postfix a client is told to try again, and served once it is back", async () => {
  postfix?.close();
  await rm(join(folder, "submission"), { force: true });
  expect(await greets()).toBe("220 front\r\n421 4.4.2 Try again later\r\n");
  await startPostfix();
  expect(await greets()).toBe(served);
});

const other = ["127.0.0.1", "127.0.0.2"] as const;

test("an address that has all places gives one up to another at once, and none to itself", async () => {
  for (let n = 0; n < places.strangers; n += 1) expect(await greets()).toBe(served);
  let isServed = false;
  void greets().then(() => {
    isServed = true;
  });
  expect(await greets(...other)).toBe(served);
  expect(isServed).toBe(false);
});

test("of one address, who begins a session and stops gives way after three seconds; who has said more does not", async () => {
  expect(await greets()).toBe(served);
  const [busy] = clients;
  busy?.write("NOOP\r\n");
  expect(await greets()).toBe(served);
  const third = greets();
  await setClock(1003);
  expect(await third).toBe(served);
  expect(clients.map(({ closed }) => closed)).toEqual([false, true, false]);
});

test("who opens connections without end, and begins a session in each, keeps nobody else out", async () => {
  for (let n = 0; n < 3 * descriptors; n += 1) void greets();
  expect(await greets(...other)).toBe(served);
});
