import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatTlsa,
  ownKey,
  parseTlsa,
  type ServerKey,
  type Tlsa,
  tlsaRecords,
} from "../../records/index.ts";
import { hexadecimal } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const tlsa: fc.Arbitrary<Tlsa> = fc
    .constantFrom([0, 40] as const, [1, 32] as const, [2, 64] as const)
    .chain(([matchingType, bytes]) =>
      fc.record({
        usage: fc.constantFrom(0, 1, 2, 3),
        selector: fc.constantFrom(0, 1),
        matchingType: fc.constant(matchingType),
        data: hexadecimal(bytes),
      }),
    );
  fc.assert(
    fc.property(tlsa, (value) => {
      expect(parseTlsa(formatTlsa(value))).toEqual(value);
      expect(parseTlsa(formatTlsa(value).toUpperCase())).toEqual(value);
    }),
  );
});

test("digits may be split by spaces", () => {
  expect(parseTlsa(`3 1 1 ${"AB".repeat(16)} ${"ab".repeat(16)}`)).toEqual(ownKey("ab".repeat(32)));
});

test("a key has a role of its own, which stays from stage to stage", () => {
  const show = (...keys: readonly ServerKey<string>[]) =>
    tlsaRecords("mail.example.org", 60, keys).map(({ role, name, content }) => `${role}: ${name} ${content}`);
  const [a, b] = [
    { name: "key1", content: "a" },
    { name: "key2", content: "b" },
  ];
  expect(show({ ...a, stage: "serving" }, { ...b, stage: "published" })).toEqual([
    "tlsa-25-key1: _25._tcp.mail.example.org a",
    "tlsa-25-key2: _25._tcp.mail.example.org b",
  ]);
  expect(show({ ...a, stage: "retired" }, { ...b, stage: "serving" })).toEqual(
    show({ ...a, stage: "serving" }, { ...b, stage: "published" }),
  );
});

test.each([
  ["3 1 1 abc", "a TLSA 3 1 1 record holds 64 hexadecimal digits"],
  [`3 1 2 ${"ab".repeat(32)}`, "a TLSA 3 1 2 record holds 128 hexadecimal digits"],
  ["3 1 0 abc", "a TLSA 3 1 0 record holds an even number of hexadecimal digits"],
  [`4 1 1 ${"ab".repeat(32)}`, "is not a valid TLSA record"],
  [`3 1 1 ${"xy".repeat(32)}`, "is not a valid TLSA record"],
])("%s is refused", (content, message) => {
  expect(() => parseTlsa(content)).toThrow(message);
});
