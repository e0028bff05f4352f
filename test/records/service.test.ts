import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  clientLabels,
  clientServices,
  isLegacy,
  type ServiceFacts,
  serviceAt,
  serviceNames,
  services,
  serviceTitle,
  type Transport,
} from "../../records/index.ts";

const portsOf = (server: ServiceFacts["server"]) =>
  serviceNames.filter((name) => services[name].server === server).map((name) => services[name].port);
const ascending = (ports: readonly number[]) => ports.toSorted((one, other) => one - other);
const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

test("a port in a container belongs to one service, and others to none", () => {
  const found = serviceNames.flatMap((name) =>
    services[name].transports.map((transport) => serviceAt(services[name].port, transport) === name),
  );
  expect(found).not.toContain(false);
  const others: readonly [number, Transport?][] = [[9100], [106], [10_025], [143, "udp"], [0]];
  expect(others.map((place) => serviceAt(...place))).toEqual(others.map(() => undefined));
});

test("clients are offered TLS from the first byte first, and IMAP before POP3", () => {
  expect(clientServices).toEqual(["submissions", "submission", "imaps", "imap", "pop3s", "pop3", "sieve"]);
  expect(clientLabels).toEqual(["mail", "smtp", "imap", "pop3"]);
});

test("people know each service by a title of its own", () => {
  expect(serviceNames.map(serviceTitle)).toMatchInlineSnapshot(`
    [
      "DNS",
      "SMTP from other servers",
      "SMTP (STARTTLS)",
      "SMTP (TLS)",
      "IMAP (TLS)",
      "POP3 (TLS)",
      "IMAP (STARTTLS)",
      "POP3 (STARTTLS)",
      "ManageSieve (STARTTLS)",
      "HTTP",
      "HTTP (TLS)",
    ]
  `);
});

// What an image has to state by itself.
test.each([
  ["mail-server", "mail"],
  ["dns-server", "dns"],
  ["web-server", "web"],
] as const)("images/%s exposes the ports of its services", async (image, server) => {
  const [, exposed = ""] = /^EXPOSE (.+)$/m.exec(await read(`images/${image}/Dockerfile`)) ?? [];
  const ports = new Set(exposed.split(" ").map((port) => Number.parseInt(port, 10)));
  expect(ascending([...ports])).toEqual(ascending(portsOf(server)));
});

test("the README lists every port that is open by default", async () => {
  const rows = [...(await read("README.md")).matchAll(/^\| (\d+) \| .* \| .* \|$/gm)];
  const open = serviceNames.filter((name) => !isLegacy(name)).map((name) => services[name].port);
  expect(ascending(rows.map(([, port]) => Number(port)))).toEqual(ascending(open));
});

test("webmail's plug-in goes to the ports of the table", async () => {
  const plugin = await read("images/webmail/plugin/maildomain.php");
  const ports = [...plugin.matchAll(/"(?:ssl|tls):\/\/\$\w+:(\d+)"/g)].map(([, port]) => Number(port));
  const { imaps, submissions, sieve } = services;
  expect(ports).toEqual([imaps, submissions, sieve].map(({ port }) => port));
});
