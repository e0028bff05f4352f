import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressProblem,
  domainOf,
  formatAddress,
  formatMailto,
  normalizeAddress,
  parseAddress,
  parseMailto,
  targetProblem,
} from "../../records/index.ts";
import { existingAddress } from "./arbitrary.ts";

describe("which addresses each form takes", () => {
  test.each([
    ["ana@example.org", true, true],
    ["_a.b-c@example.org", true, true],
    ["me+tag@example.org", false, true],
    ["o'neil@example.org", false, true],
    ["re+id@reports.example", false, true],
    ["{a|b}=/?^`~!#$%&*@example.org", false, true],
    ["ana@müller.example", true, true],
    [`${"a".repeat(64)}@example.org`, true, true],
    [`${"a".repeat(65)}@example.org`, false, false],
    [`${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.exampl`, true, true],
    [`${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.example`, true, false],
    [`${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(50)}.example`, true, true],
    ["a..b@example.org", false, false],
    [".a@example.org", false, false],
    ["a.@example.org", false, false],
    ["a b@example.org", false, false],
    ['"a b"@example.org', false, false],
    ["josé@example.org", false, false],
    ["a@b@example.org", false, false],
    ["a,b@example.org", false, false],
    ["a:b@example.org", false, false],
    ["@example.org", false, false],
    ["ana", false, false],
    ["ana@localhost", false, false],
    ["ana@[192.0.2.1]", false, false],
  ])("%s: created here %s, existing elsewhere %s", (address, created, existing) => {
    expect(addressProblem(address, "created") === undefined).toBe(created);
    expect(addressProblem(address, "existing") === undefined).toBe(existing);
  });
});

test("Postfix sends nothing to a recipient that starts with a hyphen", () => {
  expect(targetProblem("-v@example.org")).toMatch(/hyphen/);
  expect(addressProblem("-v@example.org", "existing")).toBeUndefined();
});

test("a domain in either spelling is one address", () => {
  expect(formatAddress(parseAddress("Ana@Müller.example", "created"))).toBe("ana@xn--mller-kva.example");
  expect(normalizeAddress("ANA@müller.example.")).toBe("ana@xn--mller-kva.example");
  expect(normalizeAddress("Not an Address")).toBe("not an address");
  expect(domainOf("a@MÜLLER.example")).toBe("xn--mller-kva.example");
});

test("every address elsewhere is itself again after it stood in a record", () => {
  fc.assert(
    fc.property(existingAddress, (address) => {
      const { local, domain } = parseAddress(address, "existing");
      const uri = formatMailto(formatAddress({ local, domain }));
      // A comma ends the URI, an exclamation mark begins a size, a semicolon ends the tag.
      expect(uri).not.toMatch(/[,;!%](?![0-9A-F]{2})/);
      expect(parseMailto(uri)).toBe(`${local}@${domain}`);
    }),
  );
});
