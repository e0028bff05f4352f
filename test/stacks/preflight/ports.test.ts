import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DockerEngine } from "../../../engine/docker-engine.ts";
import { findTakenPorts, isTaken, openedPorts } from "../../../stacks/preflight/ports.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { FakeDocker } from "../../engine/fake-docker.ts";

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
  if (holder.listening) holder.close();
});

const noEngine = new DockerEngine("unix:///nonexistent/docker.sock");
const nobody = (): boolean => false;

test("a taken port is reported with the setting that moves it", async () => {
  const ports = [
    { setting: "ports.smtp", server: "mail-server", address, port, protocol: "tcp" as const },
    { setting: "ports.dns", server: "dns-server", address, port: udpPort, protocol: "udp" as const },
  ];
  expect(await findTakenPorts(ports, noEngine, nobody)).toEqual([
    `ports.smtp: port ${port} on 127.0.0.1 is already used by another program: stop it, or set ports.smtp to a free port`,
    `ports.dns: port ${udpPort} on 127.0.0.1 is already used by another program: stop it, or set ports.dns to a free port`,
  ]);
});

test("a port of the stack's own container is free for it, another container's is reported by name", async () => {
  const containers = [
    {
      Name: "/elsewhere",
      NetworkSettings: { Ports: { "25/tcp": [{ HostIp: "127.9.9.9", HostPort: `${port}` }] } },
    },
    {
      Name: "/shop-mail",
      NetworkSettings: { Ports: { "25/tcp": [{ HostIp: "0.0.0.0", HostPort: `${port}` }], "80/tcp": null } },
    },
  ];
  const docker = await FakeDocker.install(`case "$*" in
    *"container ls"*) echo aaa; echo bbb ;;
    *inspect*) ${containers.map((container) => `echo '${JSON.stringify(container)}'`).join("; ")} ;;
  esac`);
  try {
    const ports = [{ setting: "ports.smtp", server: "mail-server", address, port, protocol: "tcp" as const }];
    const engine = new DockerEngine("unix:///nonexistent/docker.sock");
    expect(await findTakenPorts(ports, engine, (name) => name === "shop-mail")).toEqual([]);
    expect(await findTakenPorts(ports, engine, nobody)).toEqual([
      `ports.smtp: port ${port} on 127.0.0.1 is already used by the container shop-mail: stop it, or set ports.smtp to a free port`,
    ]);
    expect(
      (await docker.calls()).every((call) => call.startsWith("--host unix:///nonexistent/docker.sock ")),
    ).toBe(true);
  } finally {
    await docker.remove();
  }
});

test("ports of another machine are not tried from here", async () => {
  const ports = [{ setting: "ports.smtp", server: "mail-server", address, port, protocol: "tcp" as const }];
  expect(await findTakenPorts(ports, new DockerEngine("ssh://root@mail.example.org"), nobody)).toEqual([]);
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

test("every address of both families: a program on one is found, and neither is in the other's way", async () => {
  const settings = stackSchema.parse({
    domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
    address: "::",
    publicAddresses: { ipv6: "2001:db8::25" },
  });
  const smtp = openedPorts(settings).filter(({ setting }) => setting === "ports.smtp");
  expect(smtp.map((opened) => opened.address)).toEqual(["0.0.0.0", "::"]);
  const dns = openedPorts(settings).filter(
    ({ setting, protocol }) => setting === "ports.dns" && protocol === "udp",
  );
  const taken = (opened: typeof smtp, at: number) =>
    Promise.all(opened.map((one) => isTaken({ ...one, port: at })));
  expect(await taken(smtp, port)).toEqual([true, false]);
  expect(await taken(dns, udpPort)).toEqual([true, false]);
  const [free, freeUdp] = [port, udpPort];
  holder.close();
  udpHolder.close();
  expect(await taken(smtp, free)).toEqual([false, false]);
  expect(await taken(dns, freeUdp)).toEqual([false, false]);
});
