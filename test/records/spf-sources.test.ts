import fc from "fast-check";
import { expect, test } from "vitest";
import { domainPolicy, formatSpf, mergePolicies, parseSpf, type SpfSources } from "../../records/index.ts";

test.each<[SpfSources, string]>([
  [{}, "v=spf1 mx -all"],
  [{ others: "softfail" }, "v=spf1 mx ~all"],
  [
    { includes: ["_spf.example.net"], relays: ["192.0.2.0/24", "2001:DB8::1", "relay.example.net"] },
    "v=spf1 mx ip4:192.0.2.0/24 ip6:2001:db8::1 a:relay.example.net include:_spf.example.net -all",
  ],
  [
    { relays: ["Bücher.example", "Relay.example.net."] },
    "v=spf1 mx a:xn--bcher-kva.example a:relay.example.net -all",
  ],
  [{ includes: ["a.example", "A.example"] }, "v=spf1 mx include:a.example -all"],
  [
    { existing: [parseSpf("v=spf1 a MX include:b.example ~all"), parseSpf("v=spf1 redirect=c.example")] },
    "v=spf1 mx a include:b.example include:c.example -all",
  ],
  [{ existing: [parseSpf("v=spf1 a -all ip4:192.0.2.1")] }, "v=spf1 mx a -all"],
])("%j becomes %s", (sources, text) => {
  expect(formatSpf(domainPolicy(sources))).toBe(text);
});

test("merging is one policy, and merging again changes nothing", () => {
  const text = fc
    .uniqueArray(fc.constantFrom("a", "mx", "ip4:192.0.2.1", "include:a.example", "ptr"), { maxLength: 4 })
    .map((terms) => ["v=spf1", ...terms, "~all"].join(" "));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (texts) => {
      const merged = mergePolicies(texts.map(parseSpf));
      expect(mergePolicies([merged, ...texts.map(parseSpf)])).toEqual(merged);
      expect(merged.mechanisms.filter(({ name }) => name === "all")).toHaveLength(1);
    }),
  );
});

test.each([
  [{ relays: ["192.0.2.0/33"] }, '"ip4:192.0.2.0/33" is not a valid SPF mechanism'],
  [{ relays: ["a b"] }, '"a:a b" is not a valid SPF mechanism'],
  [{ includes: ["a.example -all"] }, '"include:a.example -all" is not a valid SPF mechanism'],
])("%j is refused", (sources, message) => {
  expect(() => formatSpf(domainPolicy(sources))).toThrow(message);
});
