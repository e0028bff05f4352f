import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { binaryHeader as header } from "../../kit/proxy-header.ts";

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
/** Its connections come from a balancer at 127.0.0.2. */
let proxied: number;
/** What the front prints. */
let log: string;
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
  [port, proxied, log] = [await unusedPort(), await unusedPort(), ""];
  await writeFile(join(folder, "logins"), "");
  const service = `submission ${places.strangers} ${places.users} front`;
  const balancers = ["127.0.0.2/32", "fd00:1::/32"].map((network) => `from ${network}\n`).join("");
  await writeFile(join(folder, "ports"), `${port} ${service}\n${balancers}proxied ${proxied} ${service}\n`);
  await mkdir(join(folder, "health"));
  const files = ["ports", "", "logins", "health/up"].map((name) => join(folder, name));
  await writeFile(join(folder, "Clock.pm"), clock);
  await setClock(1000);
  const command = `ulimit -n ${descriptors}; exec perl -MClock "$@"`;
  front = spawn("sh", ["-c", command, "", program, ...files], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PERL5LIB: folder, CLOCK: join(folder, "clock") },
  });
  front.stdout?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
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

describe("behind a load balancer", () => {
  const hello = "EHLO client.example\r\n";

  /** What comes back for these bytes, one after the other; as soon as it is two lines, or the connection has ended. */
  async function says(from: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
    const socket = connect({ port: proxied, host: "127.0.0.1", localAddress: from });
    clients.push(socket);
    let text = "";
    const { promise, resolve } = Promise.withResolvers<void>();
    socket
      .setNoDelay(true)
      .on("error", () => resolve())
      .on("close", () => resolve());
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.split("\r\n").length > 2) resolve();
    });
    for (const part of parts) await new Promise((done) => socket.write(part, done));
    await promise;
    return text;
  }

  const [client, own] = [
    [203, 0, 113, 7],
    [10, 0, 0, 5],
  ];
  const ports = [0xc0, 0x01, 0, 25];
  const ipv6 = (last: number) => [0x20, 0x01, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), last];
  const mapped = [...Array.from({ length: 10 }, () => 0), 0xff, 0xff];
  const tlv = [0x02, 0, 3, 97, 98, 99];

  test.each<[string, string | Buffer, RegExp]>([
    [
      "version 1",
      "PROXY TCP4 203.0.113.7 10.0.0.5 49153 25\r\n",
      /^PROXY TCP4 203\.0\.113\.7 127\.\S+ 49153 /,
    ],
    ["version 1 of IPv6", "PROXY TCP6 2001:db8::7 fd00::5 1 25\r\n", /^PROXY TCP6 2001:db8::7 100::\S+ 1 /],
    ["version 1 of somebody unknown", "PROXY UNKNOWN\r\n", /^PROXY TCP4 127\.0\.0\.2 /],
    [
      "version 2",
      header(1, 0x11, [...client, ...own, ...ports]),
      /^PROXY TCP4 203\.0\.113\.7 127\.\S+ 49153 /,
    ],
    [
      "version 2 with more",
      header(1, 0x11, [...client, ...own, ...ports, ...tlv]),
      /^PROXY TCP4 203\.0\.113\.7 /,
    ],
    [
      "version 2 of IPv6",
      header(1, 0x21, [...ipv6(7), ...ipv6(5), ...ports]),
      /^PROXY TCP6 2001:db8::7 100::\S+ 49153 /,
    ],
    [
      "IPv4 in IPv6",
      header(1, 0x21, [...mapped, ...client, ...mapped, ...own, ...ports]),
      /^PROXY TCP4 203\.0\.113\.7 /,
    ],
    ["the balancer itself", header(0, 0, []), /^PROXY TCP4 127\.0\.0\.2 /],
  ])("the client is whom the header names: %s", async (_, start, line) => {
    const bytes = Buffer.from(start);
    // The next one is of the same address, and wants its place.
    const leave = () => clients.splice(0).map((socket) => socket.destroy());
    expect(await says("127.0.0.2", bytes, hello)).toBe(served);
    leave();
    // With what follows at once, and byte by byte.
    expect(await says("127.0.0.2", Buffer.concat([bytes, Buffer.from(hello)]))).toBe(served);
    leave();
    expect(await says("127.0.0.2", ...[...bytes].map((byte) => Buffer.of(byte)), hello)).toBe(served);
    expect(heard).toEqual([1, 2, 3].map(() => expect.stringMatching(line)));
    expect(log).toBe("");
  });

  test.each<[string, string | Buffer]>([
    ["a command", hello],
    ["a ClientHello", Buffer.from([0x16, 3, 1, 0, 5])],
    ["a line without an end", "PROXY TCP4 203.0.113.7 ".padEnd(200, "1")],
    ["a line that is too long", `PROXY UNKNOWN ${"x".repeat(100)}\r\n${hello}`],
    ["an address of another family", `PROXY TCP4 2001:db8::7 10.0.0.5 49153 25\r\n${hello}`],
    ["an address that is none", `PROXY TCP4 203.0.113.256 10.0.0.5 49153 25\r\n${hello}`],
    ["a port that is none", `PROXY TCP4 203.0.113.7 10.0.0.5 65536 25\r\n${hello}`],
    ["a header of version 3", header(0x11, 0x11, [...client, ...own, ...ports])],
    ["a command that is none", header(2, 0x11, [...client, ...own, ...ports])],
    ["datagrams", header(1, 0x12, [...client, ...own, ...ports])],
    ["half of the addresses", header(1, 0x11, client)],
    ["a header of 4 kB", header(1, 0x11, [...client, ...own, ...ports, ...Buffer.alloc(4096)])],
  ])("what is not a header is closed without a word: %s", async (_, start) => {
    expect(await says("127.0.0.2", start)).toBe("");
    expect(heard).toEqual([]);
    await vi.waitFor(() =>
      expect(log).toBe(`smtp-front: port ${proxied}: 127.0.0.2 sends no PROXY header: closed\n`),
    );
  });

  test("whoever is in no network of the balancers' is closed at once, and reported once a minute", async () => {
    for (let n = 0; n < 3; n += 1) {
      expect(await says("127.0.0.1", "PROXY TCP4 203.0.113.7 10.0.0.5 49153 25\r\n", hello)).toBe("");
    }
    expect(heard).toEqual([]);
    const line = `smtp-front: port ${proxied}: 127.0.0.1 is in no network of proxyProtocol.from: closed\n`;
    await vi.waitFor(() => expect(log).toBe(line));
    await setClock(1061);
    expect(await says("127.0.0.1", hello)).toBe("");
    await vi.waitFor(() => expect(log).toBe(line + line));
    // The ordinary port is as open as ever, and knows no header.
    expect(await greets()).toBe(served);
    expect(heard).toHaveLength(1);
  });

  test("who says nothing, or half of a header, is closed after some seconds, and never greeted", async () => {
    const [silent, slow] = [says("127.0.0.2"), says("127.0.0.2", "PROXY TCP4 203.0")];
    await vi.waitFor(() => expect(clients.filter(({ readyState }) => readyState === "open")).toHaveLength(2));
    await setClock(1004);
    expect(await says("127.0.0.2", header(0, 0, []), hello)).toBe(served);
    expect(clients.map(({ closed }) => closed)).toEqual([false, false, false]);
    await setClock(1020);
    expect(await Promise.all([silent, slow])).toEqual(["", ""]);
    await vi.waitFor(() => expect(log).toContain("127.0.0.2 sends no PROXY header: closed"));
  });

  test("other balancers are believed as soon as they are declared", async () => {
    const text = await readFile(join(folder, "ports"), "utf8");
    await writeFile(join(folder, "next"), text.replace("127.0.0.2/32", "127.0.0.3/32"));
    await rename(join(folder, "next"), join(folder, "ports"));
    await setClock(1002);
    const line = "PROXY TCP4 203.0.113.7 10.0.0.5 49153 25\r\n";
    await vi.waitFor(async () => expect(await says("127.0.0.3", line, hello)).toBe(served), {
      timeout: 30_000,
    });
    expect(await says("127.0.0.2", line, hello)).toBe("");
  });

  test("places are by the clients' addresses: one that has all of them gives one up to another", async () => {
    const from = (address: string) => says("127.0.0.2", `PROXY TCP4 ${address} 10.0.0.5 49153 25\r\n`, hello);
    for (let n = 0; n < places.strangers; n += 1) expect(await from("203.0.113.7")).toBe(served);
    let isServed = false;
    void from("203.0.113.7").then(() => {
      isServed = true;
    });
    // At the ordinary port, too: the places are the service's.
    expect(await greets()).toBe(served);
    expect(isServed).toBe(false);
  });
});
