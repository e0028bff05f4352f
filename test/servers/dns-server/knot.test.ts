import { expect, test } from "vitest";
import { renderKnot, updateKeyFile } from "../../../servers/dns-server/knot.ts";
import { unseal } from "../../../servers/generation/configuration-file.ts";
import { contentOf } from "../mail-server/example.ts";

const zones = [
  { origin: "vaamonde.pti", text: "@ SOA …\n" },
  { origin: "example.org", text: "@ SOA …\n" },
];

test("knot.conf names the zones in order", async () => {
  await expect(contentOf(renderKnot(zones), "knot/knot.conf")).toMatchFileSnapshot("golden/knot.conf");
});

test.each([
  "listen: [ 0.0.0.0@53, ::@53 ]",
  'version: ""',
  "udp-max-payload: 1232",
  "automatic-acl: off",
  "kasp-db: /run/knot/keys",
  "storage: /run/maildomain/current/zones",
  "manual: on",
  "algorithm: ecdsap256sha256",
  "nsec3: off",
  "semantic-checks: on",
  "zonefile-sync: -1",
  "serial-policy: unixtime",
  "dnssec-policy: declared",
])("knot.conf: %s", (line) => {
  expect(contentOf(renderKnot(zones), "knot/knot.conf")).toContain(`    ${line}\n`);
});

test("answers are limited wherever others can ask, and nowhere else", () => {
  const anyone = contentOf(renderKnot(zones), "knot/knot.conf");
  const ownNetwork = contentOf(renderKnot(zones, "own network"), "knot/knot.conf");
  expect(anyone).toContain("    global-module: [ mod-cookies, mod-rrl/limits ]\n");
  expect(ownNetwork).not.toContain("mod-rrl");
});

test("one file per zone, and both protocols of DNS", () => {
  expect(renderKnot(zones).map(({ path }) => path)).toEqual([
    "health-questions",
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

test("a zone with a key may be changed by that key alone, in its TXT records below the apex", () => {
  const zone = "acme.example.net";
  const configuration = contentOf(
    renderKnot([...zones, { origin: zone, text: "@ SOA …\n", updated: true }]),
    "knot/knot.conf",
  );
  expect(configuration).toContain(`\ninclude: /run/maildomain/current/knot/updates/${zone}.conf\n`);
  expect(configuration.match(/^ {4}acl: .*$/gm)).toEqual([`    acl: ${zone}`]);
  expect(configuration).toContain(`  - domain: ${zone}\n    acl: ${zone}\n`);
  const { path, owner, mode, content } = unseal(updateKeyFile(zone), {
    name: `agent.${zone}`,
    algorithm: "hmac-sha256",
    secret: "c2VjcmV0",
  });
  expect({ path, owner, mode }).toEqual({ path: `knot/updates/${zone}.conf`, owner: "knot", mode: 0o600 });
  expect(content).toBe(`key:
  - id: agent.acme.example.net
    algorithm: hmac-sha256
    secret: c2VjcmV0

acl:
  - id: acme.example.net
    key: agent.acme.example.net
    action: update
    update-type: [ TXT ]
    update-owner: zone
    update-owner-match: sub
`);
});
