import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const library = fileURLToPath(new URL("../../../images/generation", import.meta.url));
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const ways: readonly (readonly [what: string, before: string])[] = [
  ["where the kernel answers for its listeners", ""],
  // In the place of such a kernel: gVisor's, or one without the module.
  ["from the kernel's tables", "no warnings; *Listeners::listening_tcp = sub { die };"],
];

let folder: string;
let servers: { close: () => unknown }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "listeners-"));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

async function listen(server: Server, host: string): Promise<number> {
  servers.push(server);
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function missing(wanted: readonly string[], before: string): Promise<readonly string[]> {
  const file = join(folder, "listening");
  await writeFile(file, wanted.map((line) => `${line}\n`).join(""));
  const script = `${before} print map { "$_\\n" } Listeners::missing_listeners($ARGV[0])`;
  const { stdout } = await promisify(execFile)("perl", [`-I${library}`, "-MListeners", "-e", script, file]);
  return stdout.split("\n").slice(0, -1);
}

describe.each(ways)("%s", (_, before) => {
  test("what listens is found by its protocol, and what only talks is not", async () => {
    const sockets = new Set<{ destroy: () => void }>();
    const server = createServer((socket) => sockets.add(socket));
    const tcp = await listen(server, "127.0.0.1");
    const client = connect({ port: tcp, host: "127.0.0.1" });
    await once(client, "connect");
    const path = join(folder, "socket");
    servers.push(createServer().listen(path));
    const udp = createSocket("udp4").bind(0, "127.0.0.1");
    await once(udp, "listening");
    servers.push(udp);
    const open = [`tcp ${tcp}`, `unix ${path}`, `udp ${udp.address().port}`];
    const closed = [`tcp ${client.localPort}`, `unix ${path}2`, `unix ${library}`];
    expect(await missing([...open, ...closed], before)).toEqual(closed);
    expect(await missing(open, before)).toEqual([]);
    client.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
    expect(await missing(open, before)).toEqual([`tcp ${tcp}`]);
  });

  test.skipIf(!hasIPv6)("so is what listens by IPv6 (skipped without it)", async () => {
    const tcp = await listen(createServer(), "::1");
    expect(await missing([`tcp ${tcp}`], before)).toEqual([]);
  });
});

test("the kernel's answer is all of it, however many listen", async () => {
  const ports = await Promise.all(Array.from({ length: 300 }, () => listen(createServer(), "127.0.0.1")));
  const wanted = ports.map((port) => `tcp ${port}`);
  expect(await missing(wanted, "*Listeners::ports_in_table = sub { () };")).toEqual([]);
});
