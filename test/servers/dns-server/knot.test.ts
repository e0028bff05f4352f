import { expect, test } from "vitest";
import { renderKnot } from "../../../servers/dns-server/knot.ts";
import { contentOf } from "../mail-server/example.ts";

const zones = [
  { origin: "vaamonde.pti", text: "@ SOA …\n" },
  { origin: "example.org", text: "@ SOA …\n" },
];

test("knot.conf names the zones in order", () => {
  expect(contentOf(renderKnot(zones), "knot/knot.conf")).toMatchInlineSnapshot(`
    "# What changes between two zone files is worked out by Knot and kept in its journal under a new serial,
    # so that secondaries get a difference and nobody has to count serials by hand.
    server:
        rundir: /run/knot
        listen: [ 0.0.0.0@53, ::@53 ]
        identity: ""
        version: ""
        nsid: ""
        automatic-acl: off
        udp-workers: 1
        tcp-workers: 1
        background-workers: 1

    # Keys come with the configuration, and are imported again at each start.
    database:
        storage: /var/lib/knot
        kasp-db: /run/knot/keys

    # The keys are the stack's: Knot makes and retires none. NSEC, not NSEC3: a zone of well-known names hides nothing.
    policy:
      - id: declared
        manual: on
        single-type-signing: on
        algorithm: ecdsap256sha256
        nsec3: off

    log:
      - target: stdout
        any: info

    template:
      - id: default
        storage: /run/maildomain/current/zones
        file: "%s.zone"
        semantic-checks: on
        zonefile-sync: -1
        zonefile-load: difference-no-serial
        journal-content: all
        serial-policy: unixtime
        dnssec-policy: declared

    zone:
      - domain: example.org
      - domain: vaamonde.pti
    "
  `);
});

test("one file per zone, and both protocols of DNS", () => {
  expect(renderKnot(zones).map(({ path }) => path)).toEqual([
    "knot/knot.conf",
    "listening",
    "zones/example.org.zone",
    "zones/vaamonde.pti.zone",
  ]);
  expect(contentOf(renderKnot(zones), "listening")).toBe("tcp 53\nudp 53\n");
});

test("without a zone there is no empty section", () => {
  expect(contentOf(renderKnot([]), "knot/knot.conf")).not.toContain("zone:\n");
});

test.each(["Vaamonde.pti", "vaamonde.pti.", "../x", "a b"])("refuses the origin %j", (origin) => {
  expect(() => renderKnot([{ origin, text: "" }])).toThrow("is not a lower-case domain name");
});
