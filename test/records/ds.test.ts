import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ds, digestOf, dsRecord, formatDs, parseDs, parseZoneKey } from "../../records/index.ts";
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

test("the DS records of one key, by each digest (RFC 4034 section 5.4, RFC 4509 section 2.3, RFC 6605 section 6)", () => {
  const old = parseZoneKey(
    "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==",
  );
  expect(digestOf("dskey.example.com", old, 1)).toEqual({
    keyTag: 60485,
    algorithm: 5,
    digestType: 1,
    digest: "2bb183af5f22588179a53b0a98631fad1a292118",
  });
  expect(digestOf("dskey.example.com", old, 2)?.digest).toBe(
    "d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a",
  );
  expect(digestOf("dskey.example.com", old, 3)).toBeUndefined();
  const ecdsa =
    "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40";
  expect(digestOf("example.net", parseZoneKey(ecdsa), 4)).toMatchObject({
    keyTag: 10771,
    digest:
      "72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6",
  });
});
