import { describe, expect, test } from "vitest";
import type { ResolverZone, SealedResolver } from "../../../servers/mail-server/description.ts";
import { renderUnbound, trustAnchorsFile } from "../../../servers/mail-server/unbound.ts";
import { contentOf } from "./example.ts";

const DS = `12345 13 2 ${"0a".repeat(32)}`;
const FORWARD: ResolverZone = { name: "vaamonde.pti", nameServers: ["198.19.0.53"], signed: true };
const REVERSE: ResolverZone = { name: "0.19.198.in-addr.arpa", nameServers: ["198.19.0.53"], signed: false };
const sealed = (...zones: ResolverZone[]): SealedResolver => ({ kind: "sealed", zones });
const configuration = (resolver: Parameters<typeof renderUnbound>[0]) =>
  contentOf(renderUnbound(resolver), "unbound/unbound.conf");

test("a recursive one believes what the root vouches for", () => {
  expect(renderUnbound({ kind: "recursive" }).map(({ path }) => path)).toEqual(["unbound/unbound.conf"]);
  expect(configuration({ kind: "recursive" })).toMatchInlineSnapshot(`
    "server:
        interface: 127.0.0.1
        port: 53
        # It runs as its own user from the start, in a container.
        username: ""
        chroot: ""
        directory: "/run"
        pidfile: ""
        do-daemonize: no
        use-syslog: no
        logfile: ""
        # Queries are not logged, but the reason for rejecting an answer is: mail waits because of it.
        verbosity: 1
        log-queries: no
        val-log-level: 2
        hide-identity: yes
        hide-version: yes
        hide-trustanchor: yes

        num-threads: 1
        msg-cache-size: 2m
        rrset-cache-size: 4m
        key-cache-size: 1m
        neg-cache-size: 512k
        infra-cache-numhosts: 2000
        outgoing-range: 256
        num-queries-per-thread: 128

        module-config: "validator iterator"
        qname-minimisation: yes
        harden-glue: yes
        harden-dnssec-stripped: yes
        harden-below-nxdomain: yes
        aggressive-nsec: yes
        unwanted-reply-threshold: 10000
        # An expired TLSA or DKIM record must not be believed.
        serve-expired: no
        trust-anchor-file: "/usr/share/dns/root.key"

    remote-control:
        control-enable: no
    "
  `);
});

test("a sealed one knows its zones, in any order, and an empty root", () => {
  const text = configuration(sealed(FORWARD, REVERSE));
  expect(configuration(sealed(REVERSE, FORWARD))).toBe(text);
  expect(text.slice(text.indexOf("    # The name servers"))).toMatchInlineSnapshot(`
    "    # The name servers stand beside this one: little is won by keeping an old answer.
        cache-max-ttl: 10
        cache-max-negative-ttl: 10
        val-bogus-ttl: 10
        trust-anchor-file: "/run/maildomain/current/unbound/anchors"
        local-zone: "0.19.198.in-addr.arpa." transparent
        domain-insecure: "0.19.198.in-addr.arpa."
        local-zone: "vaamonde.pti." transparent

    # Every other name is denied at once, also behind a CNAME: no query leaves.
    auth-zone:
        name: "."
        zonefile: "/run/maildomain/current/unbound/root.zone"
        for-upstream: yes
        for-downstream: no
        fallback-enabled: no

    stub-zone:
        name: "0.19.198.in-addr.arpa."
        stub-addr: 198.19.0.53

    stub-zone:
        name: "vaamonde.pti."
        stub-addr: 198.19.0.53

    remote-control:
        control-enable: no
    "
  `);
  expect(contentOf(renderUnbound(sealed()), "unbound/root.zone")).toMatchInlineSnapshot(`
    ". 10 IN SOA localhost. root.localhost. 1 3600 900 1209600 10
    . 10 IN NS localhost.
    "
  `);
  expect(configuration(sealed(REVERSE))).not.toContain("trust-anchor-file");
});

test("trust anchors, during a change of a key too", () => {
  const next = `23456 13 2 ${"0b".repeat(32)}`;
  expect(trustAnchorsFile([REVERSE, FORWARD], { "vaamonde.pti": [next, DS] })).toEqual({
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
    ["a signed zone without DS", () => trustAnchorsFile([FORWARD], {}), "is signed, but has no DS"],
    [
      "an unsigned zone with one",
      () => trustAnchorsFile([REVERSE], { [REVERSE.name]: [DS] }),
      "is not signed, but has a DS",
    ],
    [
      "a DS that is none",
      () => trustAnchorsFile([FORWARD], { "vaamonde.pti": ["12345 13 2 xyz"] }),
      '"12345 13 2 xyz" of zone vaamonde.pti is not a valid DS record',
    ],
  ])("%s", (_, render, message) => {
    expect(render).toThrow(message);
  });
});
