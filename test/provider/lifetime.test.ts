import fc from "fast-check";
import { expect, test } from "vitest";
import { lifetime, notBefore, renewalIsDue } from "../../provider/lifetime.ts";

const issuedAt = new Date("2026-01-01T00:00:00Z");

test.each([
  [90, "2026-03-01T23:59:59Z", false],
  [90, "2026-03-02T00:00:00Z", true],
  [90, "2026-03-31T00:00:00Z", true],
  [90, "2027-01-01T00:00:00Z", true],
  [90, "2025-12-31T00:00:00Z", false],
  [1, "2026-01-01T15:59:59Z", false],
  [1, "2026-01-01T16:00:00Z", true],
])("a certificate of %i days at %s is due: %s", (days, now, due) => {
  expect(renewalIsDue(lifetime(issuedAt, days), new Date(now))).toBe(due);
});

test("never outlives its issuer, and is due by the shortened life", () => {
  const life = lifetime(issuedAt, 90, new Date("2026-01-31T00:00:00Z"));
  expect(life.notAfter.toISOString()).toBe("2026-01-31T00:00:00.000Z");
  expect(renewalIsDue(life, new Date("2026-01-20T23:59:59Z"))).toBe(false);
  expect(renewalIsDue(life, new Date("2026-01-21T00:00:00Z"))).toBe(true);
  expect(lifetime(issuedAt, 10, new Date("2026-01-31T00:00:00Z"))).toEqual(lifetime(issuedAt, 10));
});

test("once due stays due", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7300 }), fc.nat(10_000), fc.nat(10_000), (days, a, b) => {
      const life = lifetime(issuedAt, days);
      const at = (day: number) => new Date(issuedAt.getTime() + day * 86_400_000);
      if (renewalIsDue(life, at(a))) expect(renewalIsDue(life, at(a + b))).toBe(true);
    }),
  );
});

test("is valid five minutes before it is issued", () => {
  expect(notBefore(issuedAt).toISOString()).toBe("2025-12-31T23:55:00.000Z");
});
