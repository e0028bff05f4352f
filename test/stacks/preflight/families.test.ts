import { isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EngineKind } from "../../../engine/port-forwarding.ts";
import { familiesOf } from "../../../stacks/preflight/families.ts";
import {
  ipv6SubnetOf,
  networkArgs,
  networkRole,
  stackNetwork,
} from "../../../stacks/program/stack-network.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const settingsOf = (more: object = {}) =>
  stackSchema.parse({ domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }], ...more });
const both = { address: "::", publicAddresses: { ipv4: "192.0.2.25", ipv6: "2001:db8::25" } };
const kind = (version: string, more: Partial<EngineKind> = {}): EngineKind => ({
  product: "docker",
  version,
  isRootless: false,
  isExperimental: false,
  hasIPv6: false,
  ...more,
});
const [old, current] = [kind("20.10.24+dfsg1"), kind("28.1.0")];
const network = (ipv6: boolean | undefined) => ({
  urn: "urn:pulumi:lab::maildomain::docker:index/network:Network::network",
  type: "docker:index/network:Network",
  outputs: ipv6 === undefined ? {} : { ipv6 },
});

test.each<[string, object, boolean | undefined, EngineKind | undefined, boolean, boolean]>([
  ["IPv4 alone, on an engine that can", { address: "192.0.2.25" }, undefined, current, false, false],
  ["both, on an engine that can", both, undefined, current, true, false],
  ["both, on an engine that cannot", both, undefined, old, false, true],
  [
    "both, on one that does what it is asked",
    both,
    undefined,
    { ...old, isExperimental: true, hasIPv6: true },
    true,
    false,
  ],
  ["both, without root", both, undefined, kind("28.1.0", { isRootless: true }), false, true],
  ["both, after an upgrade of the engine", both, false, current, true, false],
  ["both, where it is there already and the engine has lost it", both, true, old, true, false],
  ["both, on an engine that does not answer", both, undefined, undefined, true, false],
  ["no longer both", { address: "192.0.2.25" }, true, current, false, false],
])("a network with IPv6: %s", (_, written, before, engine, hasIPv6, isWarned) => {
  const known = before === undefined ? [] : [network(before)];
  const families = familiesOf(settingsOf(written), known, engine);
  expect(families.hasIPv6).toBe(hasIPv6);
  expect(families.warning !== undefined).toBe(isWarned);
  if (isWarned)
    expect(families.warning).toMatch(
      /^address: the stack's network stays without IPv6, .*(?:daemon\.json|PORT_DRIVER)/,
    );
});

test("a further server alone asks for it, too", () => {
  const settings = settingsOf({
    domains: ["example.org", "example.net"].map((name) => ({ name, mailboxes: [{ name: "ana" }] })),
    address: "192.0.2.25",
    servers: [{ hostName: "mx.example.net", domains: ["example.net"], address: "2001:db8::26" }],
  });
  expect(familiesOf(settings, [], current).hasIPv6).toBe(true);
});

test("existing networks stay what they are; with IPv6 it is another one beside them, or replaces a lab's", () => {
  const shown = (written: object, hasIPv6: boolean) => {
    const [settings, families] = [settingsOf(written), { hasIPv6 }];
    const places = stackNetwork(settings, "test", new Map(), families);
    const { ipv6 = false, ipamConfigs } = networkArgs(places, "test", families);
    const subnets = ((ipamConfigs ?? []) as { subnet: string }[]).map(({ subnet }) => subnet);
    return [networkRole(settings, places, families), ipv6, ...subnets];
  };
  const webmail = { ...both, web: { enabled: true, webmail: true } };
  const lab = { ...both, lab: true };
  expect(
    [both, webmail, lab, { ...webmail, subnet: "10.9.8.0/27" }].flatMap((written) => [
      shown(written, false).join(" "),
      shown(written, true).join(" "),
    ]),
  ).toMatchInlineSnapshot(`
    [
      "network false",
      "network-ipv6 true 198.18.159.0/24 fd7e:9ef7:879b::/64",
      "network-fixed false 198.19.240.192/27",
      "network-ipv6 true 198.19.140.192/27 fd7e:9ef7:879b::/64",
      "network false 198.19.240.192/27",
      "network true 198.19.240.192/27 fd7e:9ef7:879b::/64",
      "network-fixed false 10.9.8.0/27",
      "network-fixed true 10.9.8.0/27 fd7e:9ef7:879b::/64",
    ]
  `);
});

test("the addresses of each stack are unique local ones, as an engine writes them", () => {
  fc.assert(
    fc.property(fc.string(), (stack) => {
      const [network = "", length] = ipv6SubnetOf(stack).split("/");
      expect(isIPv6(network)).toBe(true);
      expect(length).toBe("64");
      expect(new URL(`http://[${network}]/`).hostname).toBe(`[${network}]`);
      expect(network).toMatch(/^fd/);
    }),
  );
});
