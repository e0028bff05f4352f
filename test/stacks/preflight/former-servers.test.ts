import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { boundAddresses } from "../../../records/index.ts";
import type { KnownResource } from "../../../stacks/preflight/former-engine.ts";
import { formerServers, occupiedPlaces } from "../../../stacks/preflight/former-servers.ts";
import { findHeld } from "../../../stacks/preflight/held-ports.ts";
import { findMoves } from "../../../stacks/preflight/moves.ts";
import { serversOf } from "../../../stacks/program/servers.ts";
import { stackNetwork } from "../../../stacks/program/stack-network.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { maxFurtherServers } from "../../../stacks/schema/network-places.ts";

const stack = { project: "maildomain", stack: "lab" };
const urn = (type: string, name: string) => `urn:pulumi:lab::maildomain::${type}::${name}`;
const resource = (type: string, name: string, outputs: object): KnownResource => ({
  urn: urn(type, name),
  type,
  id: `id of ${name}`,
  outputs: outputs as Record<string, unknown>,
});
const portsAt = (base: number) => ({
  smtp: base + 25,
  submission: base + 587,
  submissions: base + 465,
  imaps: base + 993,
  pop3s: base + 995,
  sieve: base + 4190,
});
const mailboxes = [{ name: "ana" }];

/** A server of a stack file, with one domain of its own. */
interface Server {
  readonly name?: string;
  readonly hostName: string;
  readonly domains: readonly string[];
  readonly ports: object;
}
const server = (word: string, base: number, more: Partial<Server> = {}): Server => ({
  hostName: `mx.${word}.test`,
  domains: [`${word}.test`],
  ports: portsAt(base),
  ...more,
});
const settingsOf = (servers: readonly Server[], more: object = {}) =>
  stackSchema.parse({
    lab: true,
    subnet: "198.19.0.0/27",
    domains: ["main.test", ...servers.flatMap(({ domains }) => domains)].map((name) => ({ name, mailboxes })),
    servers,
    ...more,
  });
type Settings = ReturnType<typeof settingsOf>;

/** The state that an `up` of these settings leaves. @param lost - the server whose container somebody has removed */
function stateOf(settings: Settings, before?: readonly KnownResource[], lost?: string): KnownResource[] {
  const places = placesOf(settings, before);
  const servers = serversOf(settings);
  return [
    ...servers.flatMap(({ name, hostName, bound, ports }) => [
      resource("maildomain:index:MailServer", name, { networkAddress: places?.addresses.get(hostName) }),
      ...(name === lost
        ? []
        : [
            resource("docker:index/container:Container", `${name}-container`, {
              networksAdvanced: [
                { name: "maildomain-lab-network", ipv4Address: places?.addresses.get(hostName) },
              ],
              ports: Object.values(ports).flatMap((external) =>
                boundAddresses(bound.address).map((ip) => ({
                  external,
                  internal: external,
                  ip,
                  protocol: "tcp",
                })),
              ),
            }),
          ]),
    ]),
    resource("pulumi:pulumi:Stack", "maildomain-lab", {
      domains: settings.domains.map(({ name }) => ({ name })),
      furtherServers: servers.slice(1).map(({ name, domains }) => ({
        container: `maildomain-lab-${name}`,
        domains: domains.map((each) => each.name),
      })),
    }),
  ];
}

function placesOf(settings: Settings, before: readonly KnownResource[] = []) {
  const declared = serversOf(settings).map(({ name }) => name);
  return stackNetwork(settings, "lab", occupiedPlaces(formerServers(stack, before), declared));
}

const shown = (settings: Settings, before?: readonly KnownResource[]) =>
  [...(placesOf(settings, before)?.addresses ?? [])]
    .map(([host, place]) => `${host}${place.replace("198.19.0", "")}`)
    .join(" ");

const [a, b, c] = [server("a", 2000), server("b", 3000), server("c", 5000)];
const two = settingsOf([a, b]);

test.each([
  ["the first of two is removed", settingsOf([b]), "mail.main.test.3 mx.b.test.5"],
  ["they change their order", settingsOf([b, a]), "mail.main.test.3 mx.b.test.5 mx.a.test.4"],
  ["one is replaced by another", settingsOf([c, b]), "mail.main.test.3 mx.c.test.6 mx.b.test.5"],
  [
    "one gets another host name",
    settingsOf([{ ...b, name: "mx.b.test", hostName: "new.b.test" }]),
    "mail.main.test.3 new.b.test.5",
  ],
])(
  "a server keeps its place, and none is given to another while it is in use: %s",
  (_, settings, expected) => {
    expect(shown(settings, stateOf(two))).toBe(expected);
  },
);

test("a place is free once its server is gone, and kept for one whose container is missing", () => {
  const afterRemoval = stateOf(settingsOf([b]), stateOf(two));
  expect(shown(settingsOf([c, b]), afterRemoval)).toBe("mail.main.test.3 mx.c.test.4 mx.b.test.5");
  const afterLoss = stateOf(settingsOf([b]), stateOf(two), "mail-server-mx.b.test");
  expect(shown(settingsOf([c, b]), afterLoss)).toBe("mail.main.test.3 mx.c.test.4 mx.b.test.5");
});

test("a stack that the version before has provisioned keeps its places", () => {
  const saved = JSON.parse(readFileSync("test/lab/upgrade/lab.json", "utf8")) as {
    readonly stack: string;
    readonly deployment: { readonly resources: readonly KnownResource[] };
  };
  const own = { project: "maildomain", stack: saved.stack };
  const former = formerServers(own, saved.deployment.resources);
  expect(Object.fromEntries(former.domains)).toEqual({
    "vaamonde.pti": "mail-server",
    "parceiro.pti": "mail-server-mail.parceiro.pti",
  });
  const declared = ["mail-server", "mail-server-mail.parceiro.pti"];
  const places = occupiedPlaces(former, declared);
  expect(declared.map((name) => places.get(name)?.replace(/.*\./, ""))).toEqual(["67", "68"]);
});

test.each<[string, Settings, string[]]>([
  ["nothing", two, []],
  ["a domain is removed with its server", settingsOf([b]), []],
  ["a server gets a name that is its host name", settingsOf([{ ...a, name: "mx.a.test" }, b]), []],
  [
    "the host name of a server with a name changes",
    settingsOf([{ ...a, name: "mx.a.test", hostName: "mx9.a.test" }, b]),
    [],
  ],
  [
    "the host name of a server without a name changes",
    settingsOf([b, { ...a, hostName: "mx9.a.test" }]),
    [
      'servers[1].hostName: the stack knows this server by its host name, and "mx9.a.test" would be another one, without the mail of "mx.a.test": add the line `name: mx.a.test` to it, and keep `hostName: mx9.a.test`',
    ],
  ],
  [
    "a server gets another name",
    settingsOf([{ ...a, name: "partner" }, b]),
    [
      'servers[0].name: as "partner" it would be another server, without the mail of "mx.a.test": write `name: mx.a.test`',
    ],
  ],
  [
    "domains change their servers",
    settingsOf([
      { ...a, domains: ["b.test"] },
      { ...b, domains: ["a.test"] },
    ]),
    [
      'servers[0].domains[0]: b.test would move from server mx.b.test to server mx.a.test, and its mail would stay behind: leave it with server mx.b.test, or move it as docs/mailboxes.md says under "Moving a domain to another server"',
      'servers[1].domains[0]: a.test would move from server mx.a.test to server mx.b.test, and its mail would stay behind: leave it with server mx.a.test, or move it as docs/mailboxes.md says under "Moving a domain to another server"',
    ],
  ],
  [
    "a server is removed and its domain is not",
    settingsOf([b], { domains: ["main.test", "b.test", "a.test"].map((name) => ({ name, mailboxes })) }),
    [
      'domains[2].name: a.test would move from server mx.a.test to the main server, and its mail would stay behind: leave it with server mx.a.test, or move it as docs/mailboxes.md says under "Moving a domain to another server"',
    ],
  ],
])("what would part mail from its domain is refused: %s", (_, settings, expected) => {
  expect(findMoves(settings, formerServers(stack, stateOf(two)))).toEqual(expected);
});

const held = (settings: Settings, before: readonly KnownResource[]) =>
  findHeld(settings, formerServers(stack, before), "lab").map(
    ({ setting, what, holder }) => `${setting}: ${what} of ${holder}`,
  );

test("what a server needs and another still has is known before anything changes", () => {
  expect(held(two, stateOf(two))).toEqual([]);
  expect(held(settingsOf([b]), stateOf(two))).toEqual([]);
  const swapped = settingsOf([
    { ...a, ports: portsAt(3000) },
    { ...b, ports: portsAt(2000) },
  ]);
  const swap = held(swapped, stateOf(two));
  expect(swap).toHaveLength(12);
  expect(swap).toContain("servers[0].ports.smtp: port 3025 on 127.0.0.1 of mail-server-mx.b.test");
  expect(swap).toContain("servers[1].ports.smtp: port 2025 on 127.0.0.1 of mail-server-mx.a.test");
  expect(held(settingsOf([{ ...c, ports: { ...c.ports, imaps: 2993 } }, b]), stateOf(two))).toEqual([
    "servers[0].ports.imaps: port 2993 on 127.0.0.1 of mail-server-mx.a.test",
  ]);
});

test("a server on every address of both families has each of them, and keeps it", () => {
  const everywhere = (address: string) =>
    settingsOf([a], { address, publicAddresses: { ipv4: "192.0.2.25" } });
  const before = stateOf(everywhere("::"));
  expect(held(everywhere("::"), before)).toEqual([]);
  expect(held(everywhere("0.0.0.0"), before)).toEqual([]);
  for (const address of ["127.0.0.7", "::1"]) {
    const beside = settingsOf([{ ...a, ports: portsAt(0), address } as Server], { ports: portsAt(5000) });
    expect(held(beside, before)).toHaveLength(6);
    expect(held(beside, before)).toContain(`servers[0].ports.smtp: port 25 on ${address} of mail-server`);
  }
});

test("so is the last place of a network", () => {
  const full = Array.from({ length: maxFurtherServers }, (_, n) => ({
    ...server(`s${n}`, 0),
    address: `127.0.1.${n}`,
  }));
  const before = stateOf(settingsOf(full));
  const replaced = settingsOf([{ ...server("new", 0), address: "127.0.2.1" } as Server, ...full.slice(1)]);
  expect(held(replaced, before)).toEqual([
    "servers[0].hostName: a place in the stack's network, which has no other left of mail-server-mx.s0.test",
  ]);
});
