import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { startTlsBeforePasswordChecks } from "../../verify/checks/authentication-offers.ts";
import { capability } from "../../verify/probes/managesieve.ts";
import type { Service } from "../../verify/services.ts";

const greeting = (sasl: string, ...more: readonly string[]) => [
  '"IMPLEMENTATION" "Dovecot Pigeonhole"',
  ...(sasl === "absent" ? [] : [`"SASL" "${sasl}"`]),
  ...more,
  'OK "ready."',
];
const disallowed = 'NO (ENCRYPT-NEEDED) "Authentication disallowed on non-secure (SSL/TLS) connections."';

/** Who listens, and is asked for a login without TLS. */
async function judge(lines: readonly string[], answer: string) {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write(`${lines.join("\r\n")}\r\n`);
    socket.on("data", (data) => {
      heard.push(String(data));
      socket.write(`${answer}\r\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const service: Service = {
    name: "sieve",
    protocol: "managesieve",
    security: "starttls",
    host: "127.0.0.1",
    port,
    serverName: "imap.example.org",
  };
  try {
    const [check] = startTlsBeforePasswordChecks([service]);
    return { outcome: await check?.run(), heard };
  } finally {
    server.close();
  }
}

test.each<[string, readonly string[], string, "ok" | "failed", string]>([
  ["nothing before STARTTLS", greeting("", '"STARTTLS"'), disallowed, "ok", disallowed],
  ["no word of SASL", greeting("absent", '"STARTTLS"'), disallowed, "ok", disallowed],
  [
    "a password in clear",
    greeting("PLAIN LOGIN", '"STARTTLS"'),
    disallowed,
    "failed",
    "SASL PLAIN LOGIN is offered before STARTTLS",
  ],
  ["no TLS at all", greeting(""), disallowed, "failed", "STARTTLS is not offered"],
  [
    "a password that is looked at",
    greeting("", '"STARTTLS"'),
    'NO "Authentication failed."',
    "failed",
    'answered NO "Authentication failed."',
  ],
])("ManageSieve with %s", async (_, lines, answer, status, seen) => {
  const { outcome, heard } = await judge(lines, answer);
  expect(outcome).toMatchObject({ status, seen });
  // An offer alone is enough to judge by.
  expect(heard).toHaveLength(answer === seen || seen.startsWith("answered") ? 1 : 0);
});

test("capabilities are found by their names alone (RFC 5804 section 1.7)", () => {
  const listing = ['"Sasl" ""', '"STARTTLS"', '"NOTIFY" "SASL"', 'OK "SASL"'].join("\n");
  expect(["SASL", "STARTTLS", "VERSION", "NOTIFY"].map((name) => capability(listing, name))).toEqual([
    "",
    "",
    undefined,
    "SASL",
  ]);
});
