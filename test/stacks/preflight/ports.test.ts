import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findTakenPorts, openedPorts } from "../../../stacks/preflight/ports.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const address = "127.0.0.1";
const holder = createServer();
const udpHolder = createSocket("udp4");
let port = 0;
let udpPort = 0;

beforeAll(async () => {
  holder.listen(0, address);
  udpHolder.bind(0, address);
  await Promise.all([once(holder, "listening"), once(udpHolder, "listening")]);
  port = (holder.address() as AddressInfo).port;
  udpPort = udpHolder.address().port;
});

afterAll(() => {
  holder.close();
  udpHolder.close();
});

const noEngine = "unix:///nonexistent/docker.sock";
const nobody = (): boolean => false;

test("a taken port is reported with the setting that moves it", async () => {
  const ports = [
    { setting: "ports.smtp", address, port, protocol: "tcp" as const },
    { setting: "ports.dns", address, port: udpPort, protocol: "udp" as const },
  ];
  expect(await findTakenPorts(ports, noEngine, nobody)).toEqual([
    `ports.smtp: port ${port} on 127.0.0.1 is already used by another program: stop it, or set ports.smtp to a free port`,
    `ports.dns: port ${udpPort} on 127.0.0.1 is already used by another program: stop it, or set ports.dns to a free port`,
  ]);
});

test("a port of the stack's own container is free for it, another container's is reported by name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-"));
  const socket = join(folder, "engine.sock");
  const containers = [
    { Names: ["/elsewhere"], Ports: [{ IP: "127.9.9.9", PublicPort: port, Type: "tcp" }] },
    { Names: ["/shop-mail"], Ports: [{ IP: "0.0.0.0", PublicPort: port, Type: "tcp" }, { Type: "tcp" }] },
  ];
  const engine = createHttpServer((_, response) => response.end(JSON.stringify(containers))).listen(socket);
  await once(engine, "listening");
  try {
    const ports = [{ setting: "ports.smtp", address, port, protocol: "tcp" as const }];
    expect(await findTakenPorts(ports, `unix://${socket}`, (name) => name === "shop-mail")).toEqual([]);
    expect(await findTakenPorts(ports, `unix://${socket}`, nobody)).toEqual([
      `ports.smtp: port ${port} on 127.0.0.1 is already used by the container shop-mail: stop it, or set ports.smtp to a free port`,
    ]);
  } finally {
    engine.close();
    await rm(folder, { recursive: true });
  }
});

test("ports of another machine are not tried from here", async () => {
  const ports = [{ setting: "ports.smtp", address, port, protocol: "tcp" as const }];
  expect(await findTakenPorts(ports, "ssh://root@mail.example.org", nobody)).toEqual([]);
});

test("only the ports that a stack opens are tried", () => {
  const domain = { name: "example.org", mailboxes: [{ name: "ana" }] };
  const opened = (settings: object): string => {
    const parsed = stackSchema.parse({ domains: [domain], ...settings });
    return openedPorts(parsed)
      .map((opens) => `${opens.port}/${opens.protocol}`)
      .join(" ");
  };
  expect(opened({})).toBe("53/udp 53/tcp 25/tcp 587/tcp 465/tcp 993/tcp 995/tcp 4190/tcp");
  expect(opened({ legacyPorts: true })).toBe(
    "53/udp 53/tcp 25/tcp 587/tcp 465/tcp 993/tcp 995/tcp 143/tcp 110/tcp 4190/tcp",
  );
  const cloudflare = { ...domain, dns: "cloudflare", cloudflareZone: "0".repeat(32) };
  expect(opened({ domains: [cloudflare] })).toBe("25/tcp 587/tcp 465/tcp 993/tcp 995/tcp 4190/tcp");
});
