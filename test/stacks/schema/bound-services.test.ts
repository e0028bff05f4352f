import { describe, expect, test } from "vitest";
import { openedPorts } from "../../../stacks/preflight/ports.ts";
import { agentAddresses } from "../../../stacks/program/acme-settings.ts";
import { serversOf } from "../../../stacks/program/servers.ts";
import { ipv6SubnetOf, networkArgs, wantsIPv6 } from "../../../stacks/program/stack-network.ts";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const mailboxes = [{ name: "ana", password: "a long enough one" }];
const base = {
  certificates: { issuer: "private" },
  domains: [{ name: "one.example", dns: "cloudflare", cloudflareZone: "0".repeat(32), mailboxes }],
};
const local = { ...base, domains: [{ name: "one.example", mailboxes }] };
const two = {
  ...base,
  domains: [...base.domains, { ...base.domains[0], name: "two.example", cloudflareZone: "1".repeat(32) }],
};
const [publicIPv4, inside, publicIPv6] = ["192.0.2.25", "10.0.0.5", "2001:db8::25"];
const publicAddresses = { ipv4: publicIPv4 };
const inner = ["submission", "submissions", "imaps", "pop3s", "sieve"];
const split = [
  { address: publicIPv4, services: ["smtp"] },
  { address: inside, services: inner },
];
const further = (more: object, main: object = { address: "192.0.2.1" }) => ({
  ...two,
  ...main,
  servers: [{ hostName: "mx.two.example", domains: ["two.example"], ...more }],
});
const acme = {
  certificates: { issuer: "acme", acme: { directory: "letsencrypt", agreeToTerms: true } },
};

function problems(settings: object): string[] {
  const { problems = [] } = checkSettings(settings);
  return formatPlaced("stacks/Pulumi.x.yaml", problems).split("\n  maildomain:").slice(1);
}

describe("what is refused of several addresses", () => {
  test.each<[string, object, string[]]>([
    ["each service has one", { ...base, addresses: split, publicAddresses }, []],
    ["one address for all services", { ...base, addresses: [{ address: inside }], publicAddresses }, []],
    [
      "an address too many",
      { ...base, address: inside, addresses: split, publicAddresses },
      [
        "addresses: excludes address: keep that one where all services have one address, and this one where they have several",
      ],
    ],
    [
      "a further server's",
      further({ address: inside, addresses: split, publicAddresses }),
      [
        "servers[0].addresses: excludes servers[0].address: keep that one where all services have one address, and this one where they have several",
      ],
    ],
    [
      "no addresses for records",
      { ...base, addresses: split },
      ["publicAddresses: is needed with addresses: write ipv4 or ipv6, which the records will name"],
    ],
    [
      "services without an address",
      { ...base, addresses: [{ address: publicIPv4, services: ["smtp", "imaps"] }], publicAddresses },
      [
        "addresses: has no address for submission, submissions, pop3s, sieve: add each to the services of an entry; an entry without services is for all",
      ],
    ],
    [
      "those that only some stacks have",
      { ...local, legacyPorts: true, web: { enabled: true }, addresses: split, publicAddresses },
      [
        "addresses: has no address for dns, imap, pop3, http, https: add each to the services of an entry; an entry without services is for all",
      ],
    ],
    [
      "challenges",
      { ...base, ...acme, addresses: split, publicAddresses },
      [
        "addresses: has no address for http: add each to the services of an entry; an entry without services is for all",
      ],
    ],
    [
      "services that a further server does not have",
      further({ addresses: [{ address: inside, services: ["https", "smtps"] }], publicAddresses }),
      [
        expect.stringMatching(
          /^servers\[0\]\.addresses\[0\]\.services\[0\]: write services, of smtp, submission, /,
        ),
        expect.stringMatching(
          /^servers\[0\]\.addresses\[0\]\.services\[1\]: write services, of smtp, submission, /,
        ),
        expect.stringMatching(/^servers\[0\]\.addresses: has no address for smtp, /),
      ] as unknown as string[],
    ],
    [
      "an address twice, and an empty list",
      {
        ...base,
        addresses: [...split, { address: inside, services: [] }],
        publicAddresses,
      },
      [
        "addresses[2].services: write at least one service, or leave this out for all of them",
        `addresses[2].address: "${inside}" is already declared as addresses[1].address: remove one of the two`,
      ],
    ],
    ["no entries", { ...base, addresses: [] }, ["addresses: write at least one address, or leave this out"]],
    [
      "one address of all addresses",
      {
        ...base,
        addresses: [{ address: "0.0.0.0" }, { address: inside, services: ["imaps"] }],
        publicAddresses,
      },
      [
        `ports.imaps: would be opened at 0.0.0.0 and at ${inside}, which is among them: remove one of the two`,
      ],
    ],
    [
      "a port twice at an address of several",
      { ...base, addresses: split, publicAddresses, ports: { imaps: 465 } },
      ["ports.imaps: 465 is already used by ports.submissions: give each service a port of its own"],
    ],
    [
      "a port twice, at two addresses",
      { ...base, addresses: split, publicAddresses, ports: { imaps: 25 } },
      [],
    ],
    [
      "a further server at an address of the main one's",
      further({ address: inside }, { addresses: split, publicAddresses }),
      [...inner].map(
        (service) =>
          `servers[0].ports.${service}: ${
            { submission: 587, submissions: 465, imaps: 993, pop3s: 995, sieve: 4190 }[service]
          } is already used by ports.${service}: give each service a port of its own`,
      ),
    ],
    [
      "a web server and a name server at other addresses",
      {
        ...local,
        web: { enabled: true },
        addresses: [...split, { address: "192.0.2.80", services: ["http", "https", "dns"] }],
        publicAddresses,
        ports: { https: 25, dns: 465 },
      },
      [],
    ],
    [
      "an AAAA record, and no port for other servers on IPv6",
      {
        ...base,
        addresses: [...split, { address: publicIPv6, services: inner }],
        publicAddresses: { ...publicAddresses, ipv6: publicIPv6 },
      },
      [
        "publicAddresses.ipv6: would be published, and nothing listens on IPv6 for smtp: leave it out, or add it to an entry of addresses with an IPv6 address",
      ],
    ],
    [
      "an AAAA record, and no ports for clients on IPv6",
      {
        ...base,
        addresses: [...split, { address: publicIPv6, services: ["smtp", "imaps"] }],
        publicAddresses: { ...publicAddresses, ipv6: publicIPv6 },
      },
      [
        "publicAddresses.ipv6: would be published, and nothing listens on IPv6 for submission, submissions, pop3s, sieve: leave it out, or add them to an entry of addresses with an IPv6 address",
      ],
    ],
    [
      "both families",
      {
        ...base,
        addresses: [
          { address: "::", services: ["smtp"] },
          { address: inside, services: inner },
          { address: "::1", services: inner },
        ],
        publicAddresses: { ...publicAddresses, ipv6: publicIPv6 },
      },
      [],
    ],
    [
      "a published address of this host's that is closed for other servers",
      {
        ...base,
        addresses: [
          { address: publicIPv4, services: inner },
          { address: inside, services: ["smtp"] },
        ],
        publicAddresses,
      },
      [
        `publicAddresses.ipv4: would be published, and of this host's ${publicIPv4} port 25 is not opened, where other servers deliver: add smtp to the services of its entry`,
      ],
    ],
    [
      "a further server of one family that has the main one's addresses",
      further(
        {
          ports: { smtp: 26, submission: 588, submissions: 466, imaps: 994, pop3s: 996, sieve: 4191 },
          publicAddresses: { ipv6: publicIPv6 },
        },
        { addresses: split, publicAddresses },
      ),
      [
        "servers[0].publicAddresses.ipv6: would be published, and nothing listens on IPv6 for smtp, submission, submissions, imaps, pop3s, sieve: leave it out, or add them to an entry of addresses with an IPv6 address",
      ],
    ],
  ])("%s", (_, settings, expected) => {
    expect(problems(settings)).toEqual(expected);
  });
});

describe("what is refused of ports for load balancers", () => {
  const behind = (proxyProtocol: object, more: object = {}) => ({
    ...base,
    address: inside,
    proxyProtocol,
    ...more,
  });
  const from = ["10.0.0.9"];
  test.each<[string, object, string[]]>([
    [
      "some of the services",
      behind({ from: ["10.0.0.0/24", "fd00::/64"], ports: { smtp: 10025, imaps: 10993 } }),
      [],
    ],
    [
      "nobody to believe, and nothing to open",
      behind({ from: [], ports: {} }),
      [
        "proxyProtocol.from: write at least one network of load balancers",
        "proxyProtocol.ports: write the port of at least one service, such as smtp: 10025",
      ],
    ],
    [
      "networks that are none, or everybody's",
      behind({
        from: [
          "10.0.0.0/33",
          "10.0.0/24",
          "balancer.example",
          "0.0.0.0/0",
          "10.0.0.0/7",
          "::/0",
          "fe80::1%eth0",
          "10.0.0.0/8/8",
        ],
        ports: { smtp: 10025 },
      }),
      [
        'proxyProtocol.from[0]: "10.0.0.0/33" is not a valid network or address: use one such as 10.0.0.0/24 or 10.0.0.9',
        'proxyProtocol.from[1]: "10.0.0/24" is not a valid network or address: use one such as 10.0.0.0/24 or 10.0.0.9',
        'proxyProtocol.from[2]: "balancer.example" is not a valid network or address: use one such as 10.0.0.0/24 or 10.0.0.9',
        `proxyProtocol.from[3]: "0.0.0.0/0" is too wide: whoever is in it says who its clients are, and is believed; use the balancers' own, such as 10.0.0.0/24`,
        `proxyProtocol.from[4]: "10.0.0.0/7" is too wide: whoever is in it says who its clients are, and is believed; use the balancers' own, such as 10.0.0.0/24`,
        `proxyProtocol.from[5]: "::/0" is too wide: whoever is in it says who its clients are, and is believed; use the balancers' own, such as 10.0.0.0/24`,
        'proxyProtocol.from[6]: "fe80::1%eth0" is not a valid network or address: use one such as 10.0.0.0/24 or 10.0.0.9',
        'proxyProtocol.from[7]: "10.0.0.0/8/8" is not a valid network or address: use one such as 10.0.0.0/24 or 10.0.0.9',
      ],
    ],
    [
      "ports that are in use, twice or already",
      behind({ from, ports: { smtp: 25, submissions: 10465, imaps: 10465 } }),
      [
        "proxyProtocol.ports.smtp: 25 is already used by ports.smtp: give each service a port of its own",
        "proxyProtocol.ports.imaps: 10465 is already used by proxyProtocol.ports.submissions: give each service a port of its own",
      ],
    ],
    [
      "the usual port at an address of their own",
      behind({ from, address: "10.0.1.5", ports: { smtp: 25 } }),
      [],
    ],
    [
      "a balancer that has the published addresses, and both families",
      behind(
        { from, ports: { smtp: 10025, submission: 10587, submissions: 10465, imaps: 10993, pop3s: 10995 } },
        { publicAddresses: { ...publicAddresses, ipv6: publicIPv6 } },
      ),
      [
        `publicAddresses.ipv6: would be published, and with address "${inside}" nothing listens on IPv6: leave it out, or write address: "::", which opens the ports on both families`,
      ],
    ],
    [
      "a balancer in front of each service",
      behind(
        {
          from,
          ports: {
            smtp: 10025,
            submission: 10587,
            submissions: 10465,
            imaps: 10993,
            pop3s: 10995,
            sieve: 14190,
          },
        },
        { publicAddresses: { ...publicAddresses, ipv6: publicIPv6 } },
      ),
      [],
    ],
    [
      "a service that is closed",
      behind({ from, ports: { imap: 10143 } }),
      ["proxyProtocol.ports.imap: is for imap, which is closed: remove it, or set legacyPorts to true"],
    ],
    [
      "a further server's, at the main one's",
      {
        ...two,
        address: inside,
        ports: { imaps: 10025 },
        servers: [
          {
            hostName: "mx.two.example",
            domains: ["two.example"],
            ports: { smtp: 26, submission: 588, submissions: 466, imaps: 994, pop3s: 996, sieve: 4191 },
            proxyProtocol: { from, ports: { smtp: 10025, pop3: 10110 } },
          },
        ],
      },
      [
        "servers[0].proxyProtocol.ports.smtp: 10025 is already used by ports.imaps: give each service a port of its own",
        "servers[0].proxyProtocol.ports.pop3: is for pop3, which is closed: remove it, or set legacyPorts to true",
      ],
    ],
  ])("%s", (_, settings, expected) => {
    expect(problems(settings)).toEqual(expected);
  });

  test("they are opened where the service is, or at an address of their own", () => {
    const places = (written: object) =>
      openedPorts(stackSchema.parse(written))
        .filter(({ setting }) => setting.includes("proxyProtocol"))
        .map(({ setting, address, port }) => `${setting} ${address}:${port}`);
    const ports = { smtp: 10025, imaps: 10993 };
    const several = { ...base, addresses: split, publicAddresses };
    expect(places({ ...several, proxyProtocol: { from, ports } })).toEqual([
      `proxyProtocol.ports.smtp ${publicIPv4}:10025`,
      `proxyProtocol.ports.imaps ${inside}:10993`,
    ]);
    expect(places({ ...several, proxyProtocol: { from, address: "::", ports: { imaps: 10993 } } })).toEqual([
      "proxyProtocol.ports.imaps 0.0.0.0:10993",
      "proxyProtocol.ports.imaps :::10993",
    ]);
    const own = further({ address: "192.0.2.26", proxyProtocol: { from, ports: { smtp: 10025 } } });
    expect(places(own)).toEqual(["servers[0].proxyProtocol.ports.smtp 192.0.2.26:10025"]);
    const { proxyProtocol } = stackSchema.parse({
      ...several,
      proxyProtocol: { from: ["10.0.0.9", "FD00:0::/64"], ports },
    });
    expect(proxyProtocol?.from).toEqual(["10.0.0.9/32", "fd00::/64"]);
    const wants = (address?: string) =>
      wantsIPv6(stackSchema.parse({ ...several, proxyProtocol: { from, address, ports } }));
    expect([wants(), wants(inside), wants("::"), wants("fd00::5")]).toEqual([false, false, true, true]);
  });
});

describe("where each service is bound", () => {
  const opened = (written: object) =>
    Object.fromEntries(
      [
        ...Map.groupBy(
          openedPorts(stackSchema.parse(written)),
          ({ setting, server }) => `${server} ${setting}`,
        ),
      ].map(([name, places]) => [
        name,
        [...new Set(places.map(({ address, port }) => `${address} ${port}`))].join(", "),
      ]),
    );

  test("the mail server's, the web server's and the name server's", () => {
    const written = {
      ...local,
      web: { enabled: true },
      publicAddresses,
      addresses: [
        { address: publicIPv4, services: ["smtp", "dns", "http", "https"] },
        { address: inside, services: [...inner, "https"] },
        { address: "::1", services: ["imaps"] },
      ],
    };
    expect(opened(written)).toEqual({
      "dns-server ports.dns": `${publicIPv4} 53`,
      "mail-server ports.smtp": `${publicIPv4} 25`,
      "mail-server ports.submission": `${inside} 587`,
      "mail-server ports.submissions": `${inside} 465`,
      "mail-server ports.imaps": `${inside} 993, ::1 993`,
      "mail-server ports.pop3s": `${inside} 995`,
      "mail-server ports.sieve": `${inside} 4190`,
      "web-server ports.http": `${publicIPv4} 80`,
      "web-server ports.https": `${publicIPv4} 443, ${inside} 443`,
    });
    expect(wantsIPv6(stackSchema.parse(written))).toBe(true);
    expect(networkArgs(undefined, "x", { hasIPv6: true }).ipamConfigs).toContainEqual({
      subnet: ipv6SubnetOf("x"),
    });
  });

  test("a further server's: its own, or the main one's; an authority asks where its names lead", () => {
    const ports = { smtp: 26, submission: 588, submissions: 466, imaps: 994, pop3s: 996, sieve: 4191 };
    const more = (servers: object) => ({
      ...two,
      ...acme,
      addresses: [...split, { address: "192.0.2.80", services: ["http"] }],
      publicAddresses,
      servers: [{ hostName: "mx.two.example", domains: ["two.example"], ...servers }],
    });
    const agent = (written: object) => agentAddresses(stackSchema.parse(written));
    const inherited = more({ ports });
    expect(opened(inherited)).toMatchObject({
      "mail-server-mx.two.example servers[0].ports.smtp": `${publicIPv4} 26`,
      "mail-server-mx.two.example servers[0].ports.imaps": `${inside} 994`,
      "certificate-agent ports.http": "192.0.2.80 80",
    });
    expect(agent(inherited)).toEqual(["192.0.2.80"]);
    expect(agent(more({ address: "192.0.2.26" }))).toEqual(["192.0.2.80", "192.0.2.26"]);
    const own = more({
      addresses: [
        { address: "10.0.0.6", services: inner },
        { address: "192.0.2.26", services: ["smtp"] },
      ],
      publicAddresses: { ipv4: "192.0.2.26" },
    });
    expect(problems(own)).toEqual([]);
    expect(agent(own)).toEqual(["192.0.2.80", "192.0.2.26"]);
    expect(serversOf(stackSchema.parse(own)).map(({ addresses }) => addresses.ipv4)).toEqual([
      publicIPv4,
      "192.0.2.26",
    ]);
    expect(agent({ ...own, web: { enabled: true }, addresses: undefined, address: publicIPv4 })).toEqual([
      "192.0.2.26",
    ]);
  });

  test("one entry for all services is the same as an address", () => {
    const one = { ...local, publicAddresses };
    expect(opened({ ...one, addresses: [{ address: inside }] })).toEqual(opened({ ...one, address: inside }));
    expect(opened(local)).toEqual(opened({ ...local, address: "127.0.0.1" }));
  });
});
