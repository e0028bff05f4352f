import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSpf, parseSpf, type Spf, type SpfMechanism, spfLookups } from "../../records/index.ts";
import { hostName } from "./arbitrary.ts";

const qualifier = fc.constantFrom("pass", "fail", "softfail", "neutral");
const domain = hostName.map((name) => `:${name}`);
const prefix = fc.constantFrom("", "/24", "//64", "/24//64", "/0", "//128");
const mechanism: fc.Arbitrary<SpfMechanism> = fc.oneof(
  fc.record({
    qualifier,
    name: fc.constantFrom("a", "mx"),
    argument: fc.tuple(fc.oneof(fc.constant(""), domain), prefix).map((parts) => parts.join("")),
  }),
  fc.record({ qualifier, name: fc.constantFrom("include", "exists"), argument: domain }),
  fc.record({ qualifier, name: fc.constant("exists"), argument: fc.constant(":%{ir}.%{l1r+-}._spf.%{d2}") }),
  fc.record({ qualifier, name: fc.constant("ptr"), argument: fc.constant("") }),
  fc.record({
    qualifier,
    name: fc.constant("ip4"),
    argument: fc.tuple(fc.ipV4(), fc.constantFrom("", "/8", "/32")).map(([ip, end]) => `:${ip}${end}`),
  }),
  fc.record({
    qualifier,
    name: fc.constant("ip6"),
    argument: fc.constantFrom(":2001:db8::25", ":2001:db8::/32", ":::/0"),
  }),
  fc.record({ qualifier, name: fc.constant("all"), argument: fc.constant("") }),
);

test("what is formatted is read back the same", () => {
  const policy: fc.Arbitrary<Spf> = fc.record(
    { mechanisms: fc.array(mechanism, { maxLength: 9 }), redirect: hostName },
    { requiredKeys: ["mechanisms"] },
  );
  fc.assert(
    fc.property(policy, (spf) => {
      expect(parseSpf(formatSpf(spf))).toEqual(spf);
    }),
  );
});

test.each([
  [
    "V=SPF1  +A IP4:192.0.2.0/24 Include:_SPF.Example.net ~ALL",
    "v=spf1 a ip4:192.0.2.0/24 include:_spf.example.net ~all",
  ],
  ["v=spf1 ip6:2001:DB8:0:0::/032 -all", "v=spf1 ip6:2001:db8::/32 -all"],
  ["v=spf1 exp=why.example.org redirect=_spf.Example.net", "v=spf1 redirect=_spf.example.net"],
])("%s is %s", (text, canonical) => {
  expect(formatSpf(parseSpf(text))).toBe(canonical);
});

test("receivers stop at ten look-ups", () => {
  const include = { qualifier: "pass", name: "include", argument: ":a.example" } as const;
  const mechanisms = Array.from({ length: 10 }, () => include);
  expect(spfLookups({ mechanisms })).toBe(10);
  expect(() => formatSpf({ mechanisms })).not.toThrow();
  expect(() => formatSpf({ mechanisms, redirect: "b.example" })).toThrow(
    "needs 11 look-ups; receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include",
  );
  expect(() => formatSpf({ mechanisms }, 3)).toThrow("needs 13 look-ups");
  const free = parseSpf("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all");
  expect(spfLookups(free)).toBe(0);
});

test.each([
  ["v=spf2 mx", '"v=spf2 mx" is not a valid SPF record'],
  ["v=spf10 mx", "is not a valid SPF record"],
  ["v=spf1 mxx", '"mxx" is not a valid SPF mechanism'],
  ["v=spf1 include", '"include" is not a valid SPF mechanism'],
  ["v=spf1 all:example.org", '"all:example.org" is not a valid SPF mechanism'],
  ["v=spf1 ip4:192.0.2.300", '"ip4:192.0.2.300" is not a valid SPF mechanism'],
  ["v=spf1 ip4:192.0.2.0/33", '"ip4:192.0.2.0/33" is not a valid SPF mechanism'],
  ["v=spf1 ip6:192.0.2.0", '"ip6:192.0.2.0" is not a valid SPF mechanism'],
  ["v=spf1 a/33", '"a/33" is not a valid SPF mechanism'],
  ["v=spf1 include:%{x", '"include:%{x" is not a valid SPF mechanism'],
  ["v=spf1 redirect=a.example redirect=b.example", "redirect stands twice"],
])("%s is refused", (text, message) => {
  expect(() => parseSpf(text)).toThrow(message);
});
