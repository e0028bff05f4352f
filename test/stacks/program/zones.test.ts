import { expect, test } from "vitest";
import { planRecords } from "../../../records/index.ts";
import { describeKnownRecords, zoneArgs } from "../../../stacks/program/zones.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const mailboxes = [{ name: "ana" }];
const cloudflareZone = "0".repeat(32);
const cloudflare = { dns: "cloudflare", cloudflareZone };

const domain = (name: string, changes: object = {}): object => ({ name, mailboxes, ...changes });

function zonesOf(written: object): string[] {
  const settings = stackSchema.parse(written);
  const zones = zoneArgs(settings).map(({ name }) => name);
  const { groups } = planRecords(describeKnownRecords(settings));
  return zones.map((zone) => {
    const owners = groups.filter((group) => group.zone === zone).map(({ kind, owner }) => `${kind} ${owner}`);
    return `${zone}: ${owners.join(", ")}`;
  });
}

test("which zone holds what", () => {
  const stacks: Record<string, object> = {
    "a domain is a zone": { domains: [domain("example.org"), domain("example.net")] },
    "a domain below another lies in its zone": {
      domains: [domain("lists.example.org"), domain("example.org")],
      parkedDomains: [{ name: "old.example.org" }],
    },
    "a declared zone": { domains: [domain("a.example.org", { zone: "example.org" })] },
    "domains published in different places": {
      domains: [domain("example.org", cloudflare), domain("lab.example.org")],
    },
    "a lab has its reverse zone": {
      lab: true,
      domains: [domain("example.org")],
      address: "::",
      publicAddresses: { ipv4: "192.0.2.25", ipv6: "2001:db8::25" },
    },
    "reports about one domain come to another": {
      domains: [domain("example.org", { dmarc: { reports: "dmarc@example.net" } }), domain("example.net")],
    },
    "a server of another's zone": { hostName: "mx.example.com", domains: [domain("example.org")] },
  };
  const reported = Object.entries(stacks).map(([what, written]) => [what, ...zonesOf(written)].join("\n  "));
  expect(reported.join("\n")).toMatchInlineSnapshot(`
    "a domain is a zone
      example.org: server mail.example.org, domain example.org
      example.net: domain example.net
    a domain below another lies in its zone
      example.org: server mail.lists.example.org, domain lists.example.org, domain example.org, parked old.example.org
    a declared zone
      example.org: server mail.a.example.org, domain a.example.org
    domains published in different places
      example.org: server mail.example.org, domain example.org
      lab.example.org: domain lab.example.org
    a lab has its reverse zone
      example.org: server mail.example.org, domain example.org
      2.0.192.in-addr.arpa: server mail.example.org
      0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa: server mail.example.org
    reports about one domain come to another
      example.org: server mail.example.org, domain example.org
      example.net: domain example.net
    a server of another's zone
      example.org: domain example.org"
  `);
});

test("the server's key is published in a signed zone only", () => {
  const names = (written: object): string[] =>
    planRecords(describeKnownRecords(stackSchema.parse(written)))
      .groups.flatMap(({ records }) => records)
      .filter(({ type }) => type === "TLSA")
      .map(({ name }) => name);
  expect(names({ domains: [domain("example.org")] })).toEqual(["_25._tcp.mail.example.org"]);
  expect(names({ domains: [domain("example.org", { dnssec: false })] })).toEqual([]);
  expect(names({ domains: [domain("example.org", cloudflare)] })).toEqual([]);
  expect(names({ hostName: "mx.example.com", domains: [domain("example.org")] })).toEqual([]);
});
