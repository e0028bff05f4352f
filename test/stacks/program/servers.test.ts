import { expect, test } from "vitest";
import { openedPorts } from "../../../stacks/preflight/ports.ts";
import { serverOf, serversOf } from "../../../stacks/program/servers.ts";
import { stackNetwork } from "../../../stacks/program/stack-network.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { maxFurtherServers } from "../../../stacks/schema/network-places.ts";

const mailboxes = [{ name: "ana", password: "123456" }];
const written = {
  lab: true,
  domains: ["one.example", "two.example", "three.example"].map((name) => ({ name, mailboxes })),
  servers: [
    { hostName: "mx.two.example", domains: ["two.example"], ports: { smtp: 2525, submission: 2587 } },
    { hostName: "mx.three.example", domains: ["three.example"], address: "127.0.0.3" },
  ],
};
const settings = stackSchema.parse({
  ...written,
  servers: written.servers.map((server, index) =>
    index === 0
      ? { ...server, ports: { ...server.ports, submissions: 2465, imaps: 2993, pop3s: 2995, sieve: 5190 } }
      : server,
  ),
});

test("each domain has one server, and is reached at its address and ports", () => {
  const reported = serversOf(settings).map(
    ({ name, hostName, addresses, ports, domains }) =>
      `${name}: ${hostName} at ${addresses.ipv4}:${ports.submission} for ${domains.map((each) => each.name)}`,
  );
  expect(reported).toMatchInlineSnapshot(`
    [
      "mail-server: mail.one.example at 127.0.0.1:587 for one.example",
      "mail-server-mx.two.example: mx.two.example at 127.0.0.1:2587 for two.example",
      "mail-server-mx.three.example: mx.three.example at 127.0.0.3:587 for three.example",
    ]
  `);
  expect(serverOf("two.example", settings).hostName).toBe("mx.two.example");
});

test("every server's ports are looked at before anything changes", () => {
  const opened = openedPorts(settings).map(({ setting, address, port }) => `${setting} ${address}:${port}`);
  expect(opened).toMatchInlineSnapshot(`
    [
      "ports.dns 127.0.0.1:53",
      "ports.dns 127.0.0.1:53",
      "ports.smtp 127.0.0.1:25",
      "ports.submission 127.0.0.1:587",
      "ports.submissions 127.0.0.1:465",
      "ports.imaps 127.0.0.1:993",
      "ports.pop3s 127.0.0.1:995",
      "ports.sieve 127.0.0.1:4190",
      "servers[0].ports.smtp 127.0.0.1:2525",
      "servers[0].ports.submission 127.0.0.1:2587",
      "servers[0].ports.submissions 127.0.0.1:2465",
      "servers[0].ports.imaps 127.0.0.1:2993",
      "servers[0].ports.pop3s 127.0.0.1:2995",
      "servers[0].ports.sieve 127.0.0.1:5190",
      "servers[1].ports.smtp 127.0.0.3:25",
      "servers[1].ports.submission 127.0.0.3:587",
      "servers[1].ports.submissions 127.0.0.3:465",
      "servers[1].ports.imaps 127.0.0.3:993",
      "servers[1].ports.pop3s 127.0.0.3:995",
      "servers[1].ports.sieve 127.0.0.3:4190",
      "ports.http 127.0.0.1:80",
      "ports.https 127.0.0.1:443",
    ]
  `);
});

test("in a lab each server has a place in a network of the stack's own", () => {
  const inside = stackNetwork(settings, "lab");
  expect(inside).toMatchInlineSnapshot(`
    {
      "addresses": Map {
        "mail.one.example" => "198.19.162.35",
        "mx.two.example" => "198.19.162.36",
        "mx.three.example" => "198.19.162.37",
      },
      "ipRange": "198.19.162.56/29",
      "nameServerAddress": "198.19.162.34",
      "subnet": "198.19.162.32/27",
      "webServerAddress": "198.19.162.48",
      "webmailAddress": "198.19.162.49",
    }
  `);
  expect(stackNetwork(settings, "another")?.subnet).not.toBe(inside?.subnet);
  expect(stackNetwork({ ...settings, subnet: "10.9.8.64/27" }, "lab")?.nameServerAddress).toBe("10.9.8.66");
  expect(stackNetwork({ ...settings, lab: false }, "lab")).toBeUndefined();
});

test("every server has a place of its own, and as many servers are taken as there are places", () => {
  const stackOf = (count: number, rest: object) => {
    const names = Array.from({ length: count }, (_, n) => `d${n}.example`);
    return stackSchema.safeParse({
      domains: ["one.example", ...names].map((name) => ({ name, mailboxes: [{ name: "ana" }] })),
      servers: names.map((name, n) => ({
        hostName: `mail.${name}`,
        domains: [name],
        address: `127.0.1.${n}`,
      })),
      ...rest,
    });
  };
  const { data } = stackOf(maxFurtherServers, { lab: true, subnet: "198.19.0.0/27" });
  const places = data && stackNetwork(data, "lab");
  const servers = [...(places?.addresses.values() ?? [])];
  // The first thirteen have stood in stacks before there were more.
  expect(servers.map((address) => address.replace("198.19.0.", "")).join(" ")).toBe(
    "3 4 5 6 7 8 9 10 11 12 13 14 15 18 19 20 21 22 23",
  );
  const others = [places?.nameServerAddress, places?.webServerAddress, places?.webmailAddress];
  expect(new Set([...servers, ...others]).size).toBe(maxFurtherServers + 4);

  for (const fixed of [{ lab: true }, { web: { enabled: true, webmail: true } }]) {
    expect(stackOf(maxFurtherServers, fixed).success).toBe(true);
    expect(stackOf(maxFurtherServers + 1, fixed).error?.issues).toMatchObject([{ path: ["servers"] }]);
  }
  // Where no server has a fixed place there is no limit.
  expect(stackOf(maxFurtherServers + 1, {}).success).toBe(true);
});
