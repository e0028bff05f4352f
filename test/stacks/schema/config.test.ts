import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { planRecords } from "../../../records/index.ts";
import { describeKnownRecords } from "../../../stacks/program/zones.ts";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { maxFurtherServers } from "../../../stacks/schema/network-places.ts";

const mailbox = { name: "ana", password: "a long enough one" };
const domain = { name: "example.org", mailboxes: [mailbox] };

function problems(settings: unknown): string[] {
  const { problems = [] } = checkSettings(settings);
  return formatPlaced("stacks/Pulumi.x.yaml", problems).split("\n  maildomain:").slice(1);
}

function withDomain(changes: object): unknown {
  return { domains: [{ ...domain, ...changes }] };
}

function withMailbox(changes: object): unknown {
  return withDomain({ mailboxes: [{ ...mailbox, ...changes }] });
}

/** A domain for the main server, and one for each further one, on an address of its own. */
function manyServers(count: number): object {
  const further = Array.from({ length: count }, (_, n) => `d${n}.example.org`);
  return {
    domains: [domain, ...further.map((name) => ({ ...domain, name }))],
    servers: further.map((name, n) => ({
      hostName: `mail.${name}`,
      domains: [name],
      address: `127.0.1.${n}`,
    })),
  };
}

test("the lab's stack file is the document", () => {
  const file = readFileSync(new URL("../../../stacks/Pulumi.lab.yaml", import.meta.url), "utf8");
  const settings = Object.entries(parse(file).config).map(([key, value]) => [
    key.replace("maildomain:", ""),
    value,
  ]);
  const lab = stackSchema.parse(Object.fromEntries(settings));
  expect(lab.domains[0]?.mailboxes.map(({ name }) => name)).toEqual([
    "robsonvaamonde",
    "leandroramos",
    "josedeassis",
    "jeffersoncosta",
    "rogeriosampaio",
    "sirlenesanches",
    "denisnovais",
    "vaamonde",
  ]);
  expect(lab.domains[0]?.mailboxes.every(({ password }) => password === "123456")).toBe(true);
  // The second is somebody to write to.
  expect(lab.domains.map(({ name }) => name)).toEqual(["vaamonde.pti", "parceiro.pti"]);
  expect({
    ...lab,
    domains: [{ ...lab.domains[0], mailboxes: lab.domains[0]?.mailboxes.slice(-1) }],
  }).toMatchInlineSnapshot(`
    {
      "askNameServers": true,
      "backups": {},
      "certificateDays": 365,
      "certificates": {
        "files": [],
      },
      "deliverability": {},
      "domains": [
        {
          "aliases": [],
          "catchAll": [],
          "certificates": {
            "issuers": [],
          },
          "delegations": [],
          "dkim": [
            {
              "algorithm": "rsa-2048",
              "selector": "rsa1",
              "stage": "signing",
            },
            {
              "algorithm": "ed25519",
              "selector": "ed1",
              "stage": "signing",
            },
          ],
          "dmarc": {
            "policy": "quarantine",
          },
          "dns": "local",
          "dnssec": true,
          "ds": true,
          "mailboxes": [
            {
              "aliases": [],
              "appPasswords": [],
              "displayName": "Admin SOA",
              "enabled": true,
              "name": "vaamonde",
              "password": "123456",
              "protocols": [
                "imap",
                "pop3",
                "submission",
                "sieve",
              ],
              "quota": 1073741824,
              "receives": true,
              "sendAs": [],
              "subAddressing": true,
            },
          ],
          "mtaSts": {
            "maxAge": 604800,
            "mode": "testing",
          },
          "name": "vaamonde.pti",
          "spf": {
            "includes": [],
            "lookups": 0,
            "others": "fail",
            "relays": [],
          },
          "ttl": 3600,
        },
      ],
      "images": {
        "base": "debian:trixie-slim",
        "packages": "2026-11-28",
      },
      "keepRemovedMail": 30,
      "lab": true,
      "legacyPorts": false,
      "limits": {
        "certificateAgent": {
          "cpus": 1,
          "memoryBytes": 67108864,
        },
        "dnsServer": {
          "cpus": 1,
          "memoryBytes": 536870912,
        },
        "mailServer": {
          "cpus": 2,
          "memoryBytes": 4294967296,
        },
        "webServer": {
          "cpus": 1,
          "memoryBytes": 536870912,
        },
        "webmail": {
          "cpus": 1,
          "memoryBytes": 1073741824,
        },
      },
      "loginLimits": {
        "perAddress": 100,
        "perLogin": 100,
      },
      "logs": {
        "driver": "local",
      },
      "messageSizeLimit": 52428800,
      "parkedDomains": [],
      "ports": {
        "dns": 53,
        "http": 80,
        "https": 443,
        "imap": 143,
        "imaps": 993,
        "pop3": 110,
        "pop3s": 995,
        "sieve": 4190,
        "smtp": 25,
        "submission": 587,
        "submissions": 465,
      },
      "servers": [
        {
          "domains": [
            "parceiro.pti",
          ],
          "hostName": "mail.parceiro.pti",
          "ports": {
            "imap": 143,
            "imaps": 2993,
            "pop3": 110,
            "pop3s": 2995,
            "sieve": 5190,
            "smtp": 2025,
            "submission": 2587,
            "submissions": 2465,
          },
        },
      ],
      "web": {
        "brand": {},
        "hsts": true,
      },
    }
  `);
});

const refused: [string, unknown][] = [
  ["a misspelt key", { domain: [], domains: [domain] }],
  ["a misspelt key deep inside", withMailbox({ displayname: "Ana" })],
  ["an unknown key", { ...(withDomain({}) as object), webmail: true }],
  ["no domain", {}],
  ["an empty list of domains", { domains: [] }],
  ["an invalid domain", withDomain({ name: "exa mple.org" })],
  ["an address for a domain", withDomain({ name: "ana@example.org" })],
  ["the same domain twice", { domains: [domain, { ...domain, name: "Example.org" }] }],
  ["an invalid host name", { ...(withDomain({}) as object), hostName: "mail" }],
  ["an invalid local part", withMailbox({ name: "../ana" })],
  ["an address for a local part", withMailbox({ name: "ana@example.org" })],
  ["a sub-address for a local part", withMailbox({ name: "ana+news" })],
  ["a quota without a unit", withMailbox({ quota: "5" })],
  ["a quota too small", withMailbox({ quota: "10 KiB" })],
  ["the same mailbox twice", withDomain({ mailboxes: [mailbox, mailbox] })],
  ["the same mailbox, differing in case", withDomain({ mailboxes: [mailbox, { ...mailbox, name: "Ana" }] })],
  ["an alias that is a mailbox", withDomain({ aliases: [{ name: "ANA", to: ["ana@example.org"] }] })],
  ["a mailbox's alias that is a mailbox", withMailbox({ aliases: ["ana"] })],
  ["an alias to nobody", withDomain({ aliases: [{ name: "all", to: ["rui@example.org"] }] })],
  [
    "aliases in a circle",
    withDomain({
      aliases: [
        { name: "a", to: ["b@example.org"] },
        { name: "b", to: ["a@example.org"] },
      ],
    }),
  ],
  ["a forward to itself", withMailbox({ forward: { to: ["ana@example.org"] } })],
  [
    "forwards in a circle",
    withDomain({
      mailboxes: [
        { ...mailbox, forward: { to: ["rui@example.org"] } },
        { name: "rui", forward: { to: ["ana@example.org"] } },
      ],
    }),
  ],
  ["a catch-all to nobody", withDomain({ catchAll: ["rui@example.org"] })],
  ["an unknown protocol", withMailbox({ protocols: ["smtp"] })],
  ["a sender of another's domain", withMailbox({ sendAs: ["ana@example.net"] })],
  [
    "senders of domains that another server has",
    {
      domains: [
        {
          ...domain,
          mailboxes: [{ ...mailbox, sendAs: ["sales@example.net", "@example.com", "x@example.org"] }],
        },
        { name: "example.net", mailboxes: [{ name: "rui", sendAs: ["ana@example.org"] }] },
        { name: "example.com", mailboxes: [{ name: "eva" }] },
      ],
      servers: [
        { hostName: "mx.example.net", address: "127.0.0.2", domains: ["example.net"] },
        { hostName: "mx.example.com", address: "127.0.0.3", domains: ["example.com"] },
      ],
    },
  ],
  ["a Sieve file elsewhere", withMailbox({ sieve: "../ana.sieve" })],
  [
    "app passwords",
    withMailbox({
      appPasswords: [
        { name: "phone", expires: "2027-02-30" },
        { name: "phone", password: "123456" },
        { name: "My Phone" },
      ],
    }),
  ],
  ["a port out of range", { ...(withDomain({}) as object), ports: { smtp: 70_000 } }],
  ["a port used twice", { ...(withDomain({}) as object), ports: { smtp: 587 } }],
  [
    "servers that leave the main one nothing, and name a domain that is not there, twice",
    {
      domains: [domain],
      servers: [{ hostName: "a.example.org", domains: ["example.org", "example.net", "example.net"] }],
    },
  ],
  [
    "a lab's server whose name is in no zone of the lab",
    { ...(withDomain({}) as object), lab: true, hostName: "mail.example.ogr" },
  ],
  ["more servers than a lab's network has places for", { lab: true, ...manyServers(maxFurtherServers + 1) }],
  [
    "servers of one name",
    {
      domains: ["example.org", "example.net", "example.com"].map((name) => ({ ...domain, name })),
      servers: [
        { hostName: "mail.example.org", domains: ["example.net"], address: "127.0.0.2" },
        { hostName: "Mail.example.org", domains: ["example.com"], address: "127.0.0.3" },
      ],
    },
  ],
  ["a name that reads as another's", withDomain({ name: "example.lab-dkim-x" })],
  ["a network that is not a lab's", { ...(withDomain({}) as object), subnet: "198.19.0.5/27" }],
  ["a short password", withMailbox({ password: "123456" })],
  [
    "weak passwords",
    withDomain({
      mailboxes: [
        { name: "ana", password: "P@ssw0rd-2025" },
        { name: "bia", password: "qwertyuiop12" },
        { name: "eva", password: "x7!x7!x7!x7!" },
        { name: "rui", displayName: "Rui Conceição", password: "C0nceicao.1990" },
        {
          name: "caio",
          password: "example.org2025",
          appPasswords: [{ name: "phone", password: "caio-caio-2025" }],
        },
      ],
    }),
  ],
  ["a password without quotes", withMailbox({ password: 123_456_789_012 })],
  ["an address that the records cannot name", { ...(withDomain({}) as object), address: "0.0.0.0" }],
  [
    "an AAAA record where nothing listens on IPv6",
    {
      ...(withDomain({}) as object),
      address: "0.0.0.0",
      publicAddresses: { ipv4: "192.0.2.25", ipv6: "2001:db8::25" },
    },
  ],
  [
    "an A record where nothing listens on IPv4",
    {
      ...(withDomain({}) as object),
      address: "2001:db8::25",
      publicAddresses: { ipv4: "192.0.2.25", ipv6: "2001:db8::25" },
    },
  ],
  [
    "further servers whose records name what nobody listens on",
    {
      domains: ["example.org", "example.net", "example.com"].map((name) => ({
        name,
        mailboxes: [{ name: "ana" }],
      })),
      address: "192.0.2.25",
      servers: [
        { hostName: "mx2.example.net", domains: ["example.net"], address: "::" },
        {
          hostName: "mx3.example.com",
          domains: ["example.com"],
          ports: { smtp: 26, submission: 588, submissions: 466, imaps: 994, pop3s: 996, sieve: 4191 },
          publicAddresses: { ipv6: "2001:db8::27" },
        },
      ],
    },
  ],
  [
    "addresses that no record and no port can have",
    {
      ...(withDomain({}) as object),
      address: "fe80::1%eth0",
      publicAddresses: { ipv6: "::ffff:192.0.2.25" },
    },
  ],
  ["Cloudflare without its zone", withDomain({ dns: "cloudflare" })],
  [
    "an SPF of eleven look-ups",
    withDomain({ spf: { includes: Array.from({ length: 10 }, (_, n) => `_spf${n}.example.net`) } }),
  ],
  ["reject without a signature", withDomain({ dkim: [], dmarc: { policy: "reject" } })],
  ["an SPF of look-ups that are known", withDomain({ spf: { includes: ["_spf.example.net"], lookups: 9 } })],
  ["a relay that is none", withDomain({ spf: { relays: ["192.0.2.0/33", "a b", "fe80::1%eth0"] } })],
  [
    "an issuer twice",
    withDomain({ certificates: { issuers: ["ca.example", "ca.example; accounturi=x:y"] } }),
  ],
  [
    "an issuer with a made-up parameter",
    withDomain({ certificates: { issuers: ["ca.example; account=1", "ca.example; accounturi=nope"] } }),
  ],
  [
    "a delegated name twice",
    withDomain({ delegations: [1, 2].map(() => ({ label: "a", target: "b.example" })) }),
  ],
  ["a delegated client name", withDomain({ delegations: [{ label: "imap", target: "b.example" }] })],
  ["a delegation of nothing", withDomain({ delegations: [{ label: "", target: "b" }] })],
  ["a zone that does not hold the domain", withDomain({ zone: "example.net" })],
  [
    "reports to a parked domain",
    {
      ...(withDomain({ dmarc: { reports: "dmarc@example.net" } }) as object),
      parkedDomains: [{ name: "example.net" }],
    },
  ],
  [
    "a parked domain that has mail",
    { ...(withDomain({}) as object), parkedDomains: [{ name: "example.org" }] },
  ],
  ...["\r", "\n", "\x1b", "\u009b", "\u202e", "\u2066", "\u200b", "\u00ad", "\u{e0041}"].map(
    (character): [string, unknown] => [
      `U+${character.codePointAt(0)?.toString(16)} in a name`,
      withMailbox({ displayName: `Ana${character} Lima` }),
    ],
  ),
  ["an override in a host name", { ...(withDomain({}) as object), hostName: "mail.\u202eexample.org" }],
  [
    "ESC in an address and in a file's name",
    withDomain({ catchAll: ["\x1b[2Jana@example.org"], directory: "\x1b]0;x\x07.csv" }),
  ],
  ["ESC in a key", { ...(withDomain({}) as object), "\x1b[2J": true }],
  [
    "names that a further server cannot have",
    {
      domains: ["example.org", "example.net", "example.com", "example.edu"].map((name) => ({
        ...domain,
        name,
      })),
      servers: ["configuration", "my-webmail", "a b"].map((name, n) => ({
        name,
        hostName: `mx${n}.example.net`,
        address: `127.0.1.${n}`,
        domains: [["example.net", "example.com", "example.edu"][n]],
      })),
    },
  ],
  [
    "a server's name that is another one's host name",
    {
      domains: ["example.org", "example.net", "example.com"].map((name) => ({ ...domain, name })),
      servers: [
        { hostName: "mx.example.net", domains: ["example.net"], address: "127.0.1.1" },
        {
          name: "MX.example.net",
          hostName: "mx.example.com",
          domains: ["example.com"],
          address: "127.0.1.2",
        },
      ],
    },
  ],
  ["a selector twice", withDomain({ dkim: [1, 2].map(() => ({ selector: "s1", algorithm: "ed25519" })) })],
];

test("servers that share an address may have domains of different TTLs", () => {
  const domain = (name: string, ttl: number) => ({ name, ttl, mailboxes: [{ name: "ana" }] });
  const ports = { smtp: 2025, submission: 2587, submissions: 2465, imaps: 2993, pop3s: 2995, sieve: 5190 };
  const written = {
    lab: true,
    domains: [domain("one.example", 600), domain("two.example", 300)],
    servers: [{ hostName: "mx.two.example", domains: ["two.example"], ports }],
  };
  const { settings } = checkSettings(written);
  const { groups } = planRecords(describeKnownRecords(stackSchema.parse(written)));
  expect(settings).toBeDefined();
  const reverse = groups.flatMap(({ records }) => records.filter(({ type }) => type === "PTR"));
  expect(reverse.map(({ content, ttl }) => `${content} ${ttl}`)).toEqual([
    "mail.one.example 300",
    "mx.two.example 300",
  ]);
});

test("what is refused, where, and what to write instead", () => {
  const reported = refused.map(([what, settings]) => [what, ...problems(settings)].join("\n  "));
  expect(reported.join("\n")).toMatchInlineSnapshot(`
    "a misspelt key
      domain: unknown key: did you mean "domains"?
    a misspelt key deep inside
      domains[0].mailboxes[0].displayname: unknown key: did you mean "displayName"?
    an unknown key
      webmail: unknown key: write one of lab, domains, parkedDomains, hostName, address, addresses, proxyProtocol, publicAddresses, subnet, ports, web, servers, legacyPorts, messageSizeLimit, limits, keepRemovedMail, logs, loginLimits, backups, deliverability, certificateDays, serverKeys, certificates, askNameServers, images, dockerHost
    no domain
      domains: is missing: write the list of domains
    an empty list of domains
      domains: write at least one domain
    an invalid domain
      domains[0].name: is not a valid host name: use labels of letters, digits and hyphens, joined by dots, such as example.org
    an address for a domain
      domains[0].name: is an address: write only what stands after the @
    the same domain twice
      domains[1].name: "example.org" is already declared as domains[0].name: remove one of the two
    an invalid host name
      hostName: has one label only: write the full name, such as example.org
    an invalid local part
      domains[0].mailboxes[0].name: "../ana" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
    an address for a local part
      domains[0].mailboxes[0].name: "ana@example.org" has an @: write only what stands before it
    a sub-address for a local part
      domains[0].mailboxes[0].name: "ana+news" has a +, which separates a sub-address: write the name without it
    a quota without a unit
      domains[0].mailboxes[0].quota: "5" is not a valid size: use a number and KiB, MiB, GiB or TiB, such as 1 GiB
    a quota too small
      domains[0].mailboxes[0].quota: "10 KiB" is out of range: 1 MiB to 1024 TiB
    the same mailbox twice
      domains[0].mailboxes[1].name: "ana" is already declared as domains[0].mailboxes[0].name: remove one of the two
    the same mailbox, differing in case
      domains[0].mailboxes[1].name: "ana" is already declared as domains[0].mailboxes[0].name: remove one of the two
    an alias that is a mailbox
      domains[0].aliases[0].name: "ana" is already declared as domains[0].mailboxes[0].name: remove one of the two
      domains[0].aliases[0].to[0]: "ana@example.org" leads to itself: leave it out
    a mailbox's alias that is a mailbox
      domains[0].mailboxes[0].aliases[0]: "ana" is already declared as domains[0].mailboxes[0].name: remove one of the two
    an alias to nobody
      domains[0].aliases[0].to[0]: "rui@example.org" is not a mailbox or alias here: declare it, or use one that is
    aliases in a circle
      domains[0].aliases[0].to: leads back to itself (a@example.org → b@example.org → a@example.org): end it at a mailbox
      domains[0].aliases[1].to: leads back to itself (b@example.org → a@example.org → b@example.org): end it at a mailbox
    a forward to itself
      domains[0].mailboxes[0].forward.to[0]: "ana@example.org" leads to itself: leave it out
    forwards in a circle
      domains[0].mailboxes[0].forward.to: leads back to itself (ana@example.org → rui@example.org → ana@example.org): end it at a mailbox
      domains[0].mailboxes[1].forward.to: leads back to itself (rui@example.org → ana@example.org → rui@example.org): end it at a mailbox
    a catch-all to nobody
      domains[0].catchAll[0]: "rui@example.org" is not a mailbox or alias here: declare it, or use one that is
    an unknown protocol
      domains[0].mailboxes[0].protocols[0]: write "imap", "pop3", "submission", "sieve"
    a sender of another's domain
      domains[0].mailboxes[0].sendAs[0]: "ana@example.net" belongs to no domain here: use an address of a declared domain
    senders of domains that another server has
      domains[0].mailboxes[0].sendAs[0]: "sales@example.net" belongs to a domain of mx.example.net, and the main server cannot send as it: write an address of a domain of the same server, or give it both domains
      domains[0].mailboxes[0].sendAs[1]: "@example.com" belongs to a domain of mx.example.com, and the main server cannot send as it: write an address of a domain of the same server, or give it both domains
      domains[1].mailboxes[0].sendAs[0]: "ana@example.org" belongs to a domain of the main server, and mx.example.net cannot send as it: write an address of a domain of the same server, or give it both domains
    a Sieve file elsewhere
      domains[0].mailboxes[0].sieve: write a file beside the stack file that ends in .sieve, such as sieve/ana.sieve
    app passwords
      domains[0].mailboxes[0].appPasswords[0].expires: "2027-02-30" is not a valid day: use one like 2027-01-31
      domains[0].mailboxes[0].appPasswords[2].name: write 1 to 32 lower-case letters, digits and hyphens, such as phone
      domains[0].mailboxes[0].appPasswords[1].name: "phone" is already declared as domains[0].mailboxes[0].appPasswords[0].name: remove one of the two
      domains[0].mailboxes[0].appPasswords[1].password: has 6 characters: write at least 12, or leave it out to have one generated (only a stack with lab: true takes weak ones)
    a port out of range
      ports.smtp: write a whole number from 1 to 65535
    a port used twice
      ports.submission: 587 is already used by ports.smtp: give each service a port of its own
    servers that leave the main one nothing, and name a domain that is not there, twice
      servers[0].ports.smtp: 25 is already used by ports.smtp: give each service a port of its own
      servers[0].ports.submission: 587 is already used by ports.submission: give each service a port of its own
      servers[0].ports.submissions: 465 is already used by ports.submissions: give each service a port of its own
      servers[0].ports.imaps: 993 is already used by ports.imaps: give each service a port of its own
      servers[0].ports.pop3s: 995 is already used by ports.pop3s: give each service a port of its own
      servers[0].ports.sieve: 4190 is already used by ports.sieve: give each service a port of its own
      servers[0].domains[2]: "example.net" is already declared as servers[0].domains[1]: remove one of the two
      servers[0].domains[1]: "example.net" is not a domain of this stack: declare it below domains, or remove it here
      servers[0].domains[2]: "example.net" is not a domain of this stack: declare it below domains, or remove it here
      servers: leave the main server without a domain: remove one of them here
    a lab's server whose name is in no zone of the lab
      hostName: "mail.example.ogr" is in no zone of this lab, so nothing finds it: write a name in one, such as mail.example.org
    more servers than a lab's network has places for
      servers: has 19 servers, and the network of a lab or of a stack with webmail has places for 18: move the others to another stack
    servers of one name
      servers[1].hostName: "mail.example.org" is already declared as servers[0].hostName: remove one of the two
    a name that reads as another's
      domains[0].name: has "-dkim-" in its last label, which separates the parts of resource names: use another last label
    a network that is not a lab's
      subnet: "198.19.0.5/27" is not a network of 32 addresses: use one such as 198.19.4.32/27
    a short password
      domains[0].mailboxes[0].password: has 6 characters: write at least 12, or leave it out to have one generated (only a stack with lab: true takes weak ones)
    weak passwords
      domains[0].mailboxes[0].password: is built from one of the thousand worst passwords: use another one, or leave it out to have one generated (only a stack with lab: true takes weak ones)
      domains[0].mailboxes[1].password: is built from a sequence, such as 1234, abcd or qwerty: use another one, or leave it out to have one generated (only a stack with lab: true takes weak ones)
      domains[0].mailboxes[2].password: is built from one part that is repeated: use another one, or leave it out to have one generated (only a stack with lab: true takes weak ones)
      domains[0].mailboxes[3].password: is built from the user's or the domain's name: use another one, or leave it out to have one generated (only a stack with lab: true takes weak ones)
      domains[0].mailboxes[4].password: is built from the user's or the domain's name: use another one, or leave it out to have one generated (only a stack with lab: true takes weak ones)
      domains[0].mailboxes[4].appPasswords[0].password: is built from one part that is repeated: use another one, or leave it out to have one generated (only a stack with lab: true takes weak ones)
    a password without quotes
      domains[0].mailboxes[0].password: write the password, in quotes if it is made of digits
    an address that the records cannot name
      publicAddresses: is needed with address "0.0.0.0": write ipv4 or ipv6, which the records will name
    an AAAA record where nothing listens on IPv6
      publicAddresses.ipv6: would be published, and with address "0.0.0.0" nothing listens on IPv6: leave it out, or write address: "::", which opens the ports on both families
    an A record where nothing listens on IPv4
      publicAddresses.ipv4: would be published, and with address "2001:db8::25" nothing listens on IPv4: leave it out, or write address: "::", which opens the ports on both families
    further servers whose records name what nobody listens on
      servers[0].publicAddresses: is needed with address "::": write ipv4 or ipv6, which the records will name
      servers[1].publicAddresses.ipv6: would be published, and with address "192.0.2.25" nothing listens on IPv6: leave it out, or write address: "::", which opens the ports on both families
      servers[0].ports.smtp: 25 is already used by ports.smtp: give each service a port of its own
      servers[0].ports.submission: 587 is already used by ports.submission: give each service a port of its own
      servers[0].ports.submissions: 465 is already used by ports.submissions: give each service a port of its own
      servers[0].ports.imaps: 993 is already used by ports.imaps: give each service a port of its own
      servers[0].ports.pop3s: 995 is already used by ports.pop3s: give each service a port of its own
      servers[0].ports.sieve: 4190 is already used by ports.sieve: give each service a port of its own
    addresses that no record and no port can have
      address: "fe80::1%eth0" is not a valid IP address
      publicAddresses.ipv6: "::ffff:192.0.2.25" is not a valid IPv6 address
    Cloudflare without its zone
      domains[0].cloudflareZone: is needed with dns "cloudflare": write the zone's id
    an SPF of eleven look-ups
      domains[0].spf: needs 11 look-ups; receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves
    reject without a signature
      domains[0].dmarc.policy: p=reject needs a DKIM key: without one, forwarded mail would be lost (RFC 9989 section 7.4)
    an SPF of look-ups that are known
      domains[0].spf: needs 11 look-ups; receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves
    a relay that is none
      domains[0].spf.relays[0]: "192.0.2.0/33" is not a valid network: use one such as 192.0.2.0/24
      domains[0].spf.relays[1]: "a b" is not a valid address, network or host name
      domains[0].spf.relays[2]: "fe80::1%eth0" is not a valid address, network or host name
    an issuer twice
      domains[0].certificates: two records have this role: example.org CAA
    an issuer with a made-up parameter
      domains[0].certificates.issuers[0]: "account=1" is not a valid CAA parameter: use accounturi=… or validationmethods=…
      domains[0].certificates.issuers[1]: "nope" is not a valid ACME account: use its URL, without ";" and quotes
    a delegated name twice
      domains[0].delegations: two records have this role: a.example.org CNAME
    a delegated client name
      domains[0].delegations: imap.example.org is an alias, beside which nothing may stand (RFC 1034 section 3.6.2): remove one of the two
      domains[0].name: the SRV of _imaps._tcp.example.org points to the alias imap.example.org: name a host that has an address (RFC 2782)
      domains[0].name: the SRV of _sieve._tcp.example.org points to the alias imap.example.org: name a host that has an address (RFC 2782)
    a delegation of nothing
      domains[0].delegations[0].label: write the name below the domain, such as s1._domainkey
      domains[0].delegations[0].target: "b" has one label only: write the full name, such as example.org
    a zone that does not hold the domain
      domains[0].zone: "example.net" does not hold example.org: write the domain or one above it
    reports to a parked domain
      domains[0].dmarc.policy: dmarc@example.net is in a parked domain, which takes no mail: write another
    a parked domain that has mail
      parkedDomains[0].name: "example.org" is already declared as domains[0].name: remove one of the two
    U+d in a name
      domains[0].mailboxes[0].displayName: has U+000D, a character that nobody sees or that changes how the others are shown: remove it
    U+a in a name
      domains[0].mailboxes[0].displayName: has U+000A, a character that nobody sees or that changes how the others are shown: remove it
    U+1b in a name
      domains[0].mailboxes[0].displayName: has U+001B, a character that nobody sees or that changes how the others are shown: remove it
    U+9b in a name
      domains[0].mailboxes[0].displayName: has U+009B, a character that nobody sees or that changes how the others are shown: remove it
    U+202e in a name
      domains[0].mailboxes[0].displayName: has U+202E, a character that nobody sees or that changes how the others are shown: remove it
    U+2066 in a name
      domains[0].mailboxes[0].displayName: has U+2066, a character that nobody sees or that changes how the others are shown: remove it
    U+200b in a name
      domains[0].mailboxes[0].displayName: has U+200B, a character that nobody sees or that changes how the others are shown: remove it
    U+ad in a name
      domains[0].mailboxes[0].displayName: has U+00AD, a character that nobody sees or that changes how the others are shown: remove it
    U+e0041 in a name
      domains[0].mailboxes[0].displayName: has U+E0041, a character that nobody sees or that changes how the others are shown: remove it
    an override in a host name
      hostName: has U+202E, a character that nobody sees or that changes how the others are shown: remove it
    ESC in an address and in a file's name
      domains[0].directory: has U+001B, a character that nobody sees or that changes how the others are shown: remove it
      domains[0].catchAll[0]: has U+001B, a character that nobody sees or that changes how the others are shown: remove it
      domains[0].catchAll[0]: "\\u001b[2Jana@example.org" is not a mailbox or alias here: declare it, or use one that is
    ESC in a key
      \\u001b[2J: unknown key: write one of lab, domains, parkedDomains, hostName, address, addresses, proxyProtocol, publicAddresses, subnet, ports, web, servers, legacyPorts, messageSizeLimit, limits, keepRemovedMail, logs, loginLimits, backups, deliverability, certificateDays, serverKeys, certificates, askNameServers, images, dockerHost
    names that a further server cannot have
      servers[0].name: must not end in "configuration": use another name, such as partner
      servers[1].name: must not end in "webmail": use another name, such as partner
      servers[2].name: write letters, digits, and hyphens or dots between them, such as partner
    a server's name that is another one's host name
      servers[1].name: "mx.example.net" is already declared as servers[0].hostName: remove one of the two
    a selector twice
      domains[0].dkim[1].selector: "s1" is already declared as domains[0].dkim[0].selector: remove one of the two"
  `);
});

test("all problems show at once, those across keys too", () => {
  const settings = {
    labs: true,
    ports: { smtp: 587, imaps: "x" },
    domains: [
      {
        name: "exa_mple.org",
        mailboxes: [
          { name: "ana", quota: 5 },
          { name: "ANA", password: "short" },
        ],
      },
    ],
  };
  expect(problems(settings)).toMatchInlineSnapshot(`
    [
      "domains[0].name: is not a valid host name: use labels of letters, digits and hyphens, joined by dots, such as example.org",
      "domains[0].mailboxes[0].quota: write a size such as 1 GiB, in quotes if it is made of digits",
      "ports.imaps: write a whole number from 1 to 65535",
      "labs: unknown key: did you mean "lab"?",
      "ports.submission: 587 is already used by ports.smtp: give each service a port of its own",
      "domains[0].mailboxes[1].name: "ana" is already declared as domains[0].mailboxes[0].name: remove one of the two",
      "domains[0].mailboxes[1].password: has 5 characters: write at least 12, or leave it out to have one generated (only a stack with lab: true takes weak ones)",
    ]
  `);
});

test("ports that stay closed clash with nothing", () => {
  expect(problems({ ...(withDomain({}) as object), ports: { smtp: 143 } })).toEqual([]);
  expect(problems({ ...(withDomain({}) as object), ports: { smtp: 143 }, legacyPorts: true })).toHaveLength(
    1,
  );
});

test("names that differ in form are the same name", () => {
  const settings = stackSchema.parse({
    domains: [{ name: "BÜCHER.example", mailboxes: [{ ...mailbox, name: "Ana" }] }],
  });
  expect(settings.domains[0]).toMatchObject({ name: "xn--bcher-kva.example", mailboxes: [{ name: "ana" }] });
});
