import { describe, expect, test } from "vitest";
import { unseal } from "../../../servers/generation/configuration-file.ts";
import type { ResolverZone, SealedResolver } from "../../../servers/mail-server/description.ts";
import { renderUnbound, trustAnchorsFile } from "../../../servers/mail-server/unbound.ts";
import { contentOf } from "./example.ts";

const DS = `12345 13 2 ${"0a".repeat(32)}`;
const FORWARD: ResolverZone = { name: "vaamonde.pti", nameServers: ["198.19.0.53"], signed: true };
const REVERSE: ResolverZone = { name: "0.19.198.in-addr.arpa", nameServers: ["198.19.0.53"], signed: false };
const sealed = (...zones: ResolverZone[]): SealedResolver => ({ kind: "sealed", zones });
const configuration = (resolver: Parameters<typeof renderUnbound>[0]) =>
  contentOf(renderUnbound(resolver), "unbound/unbound.conf");
const linesOf = (resolver: Parameters<typeof renderUnbound>[0]) =>
  configuration(resolver)
    .split("\n")
    .map((line) => line.trim());

test("a recursive one believes what the root vouches for", async () => {
  expect(renderUnbound({ kind: "recursive" }).map(({ path }) => path)).toEqual(["unbound/unbound.conf"]);
  await expect(configuration({ kind: "recursive" })).toMatchFileSnapshot("golden/unbound-recursive.conf");
  for (const line of [
    "interface: 127.0.0.1",
    'module-config: "validator iterator"',
    'trust-anchor-file: "/usr/share/dns/root.key"',
    "harden-dnssec-stripped: yes",
    "harden-below-nxdomain: yes",
    "serve-expired: no",
    "log-queries: no",
    "msg-cache-size: 2m",
    "rrset-cache-size: 4m",
    "control-enable: no",
  ]) {
    expect(linesOf({ kind: "recursive" })).toContain(line);
  }
});

test("a sealed one knows its zones, in any order, and an empty root", async () => {
  const text = configuration(sealed(FORWARD, REVERSE));
  expect(configuration(sealed(REVERSE, FORWARD))).toBe(text);
  await expect(text).toMatchFileSnapshot("golden/unbound-sealed.conf");
  const lines = linesOf(sealed(FORWARD, REVERSE));
  for (const line of [
    "serve-expired: no",
    "cache-max-ttl: 10",
    "cache-max-negative-ttl: 10",
    'trust-anchor-file: "/run/maildomain/current/unbound/anchors"',
    'domain-insecure: "0.19.198.in-addr.arpa."',
    'zonefile: "/run/maildomain/current/unbound/root.zone"',
    "fallback-enabled: no",
  ]) {
    expect(lines).toContain(line);
  }
  // The world's anchor has no place there, and a signed zone no exception.
  expect(lines.filter((line) => line.startsWith("trust-anchor"))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith("domain-insecure"))).toHaveLength(1);
  expect(contentOf(renderUnbound(sealed()), "unbound/root.zone")).toMatchInlineSnapshot(`
    ". 10 IN SOA localhost. root.localhost. 1 3600 900 1209600 10
    . 10 IN NS localhost.
    "
  `);
  expect(configuration(sealed(REVERSE))).not.toContain("trust-anchor-file");
});

test("trust anchors, during a change of a key too", () => {
  const next = `23456 13 2 ${"0b".repeat(32)}`;
  expect(unseal(trustAnchorsFile([REVERSE, FORWARD]), { "vaamonde.pti": [next, DS] })).toEqual({
    owner: "root",
    mode: 0o644,
    path: "unbound/anchors",
    content: `vaamonde.pti. IN DS ${DS}\nvaamonde.pti. IN DS ${next}\n`,
  });
});

describe("refuses", () => {
  test.each<[string, () => unknown, string]>([
    [
      "a zone whose name is invalid",
      () => renderUnbound(sealed({ ...FORWARD, name: 'x"' })),
      "not a lower-case domain name",
    ],
    ["a zone twice", () => renderUnbound(sealed(FORWARD, FORWARD)), "zone vaamonde.pti is named twice"],
    [
      "no name server",
      () => renderUnbound(sealed({ ...FORWARD, nameServers: [] })),
      "zone vaamonde.pti has no name server: name at least one",
    ],
    [
      "a name server's name",
      () => renderUnbound(sealed({ ...FORWARD, nameServers: ["ns1.vaamonde.pti"] })),
      'name server "ns1.vaamonde.pti" of zone vaamonde.pti is not a valid IP address',
    ],
    ["a signed zone without DS", () => trustAnchorsFile([FORWARD]).render({}), "is signed, but has no DS"],
    [
      "an unsigned zone with one",
      () => trustAnchorsFile([REVERSE]).render({ [REVERSE.name]: [DS] }),
      "is not signed, but has a DS",
    ],
    [
      "a DS that is none",
      () => trustAnchorsFile([FORWARD]).render({ "vaamonde.pti": ["12345 13 2 xyz"] }),
      '"12345 13 2 xyz" of zone vaamonde.pti is not a valid DS record',
    ],
  ])("%s", (_, render, message) => {
    expect(render).toThrow(message);
  });
});
