import fc from "fast-check";
import { expect, test } from "vitest";
import { comparableName, isWithin, normalizeName, normalizeTarget, ZoneFinder } from "../../records/index.ts";
import { hostName } from "./arbitrary.ts";

test.each([
  ["Example.ORG.", "example.org"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.example", "xn--bcher-kva.example"],
  ["例え.example", "xn--r8jz45g.example"],
])("the name %s is %s", (name, normal) => {
  expect(normalizeName(name)).toBe(normal);
});

test("a name in its one spelling stays unchanged", () => {
  fc.assert(
    fc.property(hostName, (name) => {
      expect(normalizeName(`${name.toUpperCase()}.`)).toBe(name);
      expect(normalizeTarget(name)).toBe(name);
    }),
  );
  expect(normalizeTarget(".")).toBe(".");
});

test.each([
  ["Example.ORG.", "example.org"],
  ["TRÄUME.example.", "xn--trume-hra.example"],
  ["tra\u0308ume.example", "xn--trume-hra.example"],
  ["träume。example。", "xn--trume-hra.example"],
  ["_DMARC.Träume.example", "_dmarc.xn--trume-hra.example"],
  ["*.träume.example", "*.xn--trume-hra.example"],
  ["XN--TRUME-HRA.example", "xn--trume-hra.example"],
  ["0x7f.1", "0x7f.1"],
  [".", "."],
  ["", ""],
  ["not ä name", "not ä name"],
])("a name as somebody else has it, %j, is compared as %j", (name, expected) => {
  expect(comparableName(name)).toBe(expected);
});

const noHostName =
  "is not a valid host name: use labels of letters, digits and hyphens, joined by dots, such as example.org";

test.each([
  ["", "is empty or has spaces around it: write the bare name, such as example.org"],
  ["ana@example.org", "is an address: write only what stands after the @"],
  ["http://example.org", "is a URL: write only the host name"],
  ["-a.example", noHostName],
  ["a..example", noHostName],
  ["_a.example", noHostName],
  [`${"a".repeat(64)}.example`, noHostName],
  ["localhost", "has one label only: write the full name, such as example.org"],
  ["192.0.2.1", "is an IP address or ends in a number: write a name"],
  [`${"a.".repeat(125)}example`, "is longer than 253 characters (RFC 1035 section 2.3.4)"],
])('the name "%s" is refused', (name, problem) => {
  expect(() => normalizeName(name)).toThrow(`"${name}" ${problem}`);
});

test("a zone is the nearest above a name", () => {
  const zones = new ZoneFinder([{ name: "example.org" }, { name: "b.example.org" }]);
  const found = ["example.org", "a.example.org", "x.b.example.org", "anexample.org", "org"];
  expect(found.map((name) => zones.find(name)?.name)).toEqual([
    "example.org",
    "example.org",
    "b.example.org",
    undefined,
    undefined,
  ]);
  expect(isWithin("anexample.org", "example.org")).toBe(false);
});
