import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ds, dsRecord, formatDs, parseDs } from "../../records/index.ts";
import { hexadecimal, uint16 } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const ds: fc.Arbitrary<Ds> = fc
    .constantFrom([2, 32] as const, [4, 48] as const)
    .chain(([digestType, bytes]) =>
      fc.record({
        keyTag: uint16,
        algorithm: fc.integer({ min: 1, max: 255 }),
        digestType: fc.constant(digestType),
        digest: hexadecimal(bytes),
      }),
    );
  fc.assert(
    fc.property(ds, (value) => {
      expect(parseDs(formatDs(value))).toEqual(value);
    }),
  );
});

test("the digest has one spelling", () => {
  const digest = "D4B7D520E7BB5F0F67674A0CCEB1E3E0 614B93C4F9E99B8383F6A1E4469DA50A";
  expect(formatDs(parseDs(`60485 13 2 ${digest}`))).toBe(
    "60485 13 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a",
  );
  expect(dsRecord("example.org", 60, "x")).toMatchObject({ role: "ds", name: "example.org", type: "DS" });
});

test.each([
  [`70000 13 2 ${"ab".repeat(32)}`, "the key tag 70000"],
  [`1 0 2 ${"ab".repeat(32)}`, "the algorithm 0"],
  [`1 13 1 ${"ab".repeat(20)}`, "is not a DS record with SHA-256 or SHA-384"],
  [`1 13 2 ${"ab".repeat(31)}`, "holds 64 hexadecimal digits"],
  [`1 13 4 ${"ab".repeat(32)}`, "holds 96 hexadecimal digits"],
])("%s is refused", (content, message) => {
  expect(() => parseDs(content)).toThrow(message);
});
