import { expect, test } from "vitest";
import { formatLimits, limitsWords, parseLimits } from "../../commands/limits.ts";

test("what the server reports becomes a table", () => {
  const text = [
    "pair\tana@example.org 192.0.2.1\t25\t25\t1795922904",
    "address\t2001:db8::/64\t50\t50\t1795922908",
    "login\tbia@example.org\t100\t100\t1795922910",
  ].join("\n");
  expect(formatLimits(parseLimits(text))).toMatchInlineSnapshot(`
    "login            from           wrong passwords  until
    ana@example.org  192.0.2.1      25 of 25         2026-11-29 03:28 UTC
    any              2001:db8::/64  50 of 50         2026-11-29 03:28 UTC
    bia@example.org  anywhere new   100 of 100       2026-11-29 03:28 UTC"
  `);
  expect(formatLimits(parseLimits(""))).toBe("Nobody is limited.");
});

test.each([
  [[], ["list"]],
  [["list"], ["list"]],
  [
    ["free", "Ana@example.org"],
    ["free", "ana@example.org"],
  ],
  [
    ["free", "192.0.2.1"],
    ["free", "192.0.2.1"],
  ],
  [
    ["free", "2001:db8::/64"],
    ["free", "2001:db8::/64"],
  ],
])("%j", (words, expected) => {
  expect(limitsWords(words)).toEqual(expected);
});

test.each([
  [["forgive"], /limits needs list or free/],
  [["list", "x"], /limits needs list or free/],
  [["free"], /needs a login or an IP address/],
  [["free", "ana"], /"ana" is neither a login nor an IP address/],
])("%j is refused", (words, error) => {
  expect(() => limitsWords(words)).toThrow(error);
});
