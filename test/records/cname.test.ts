import fc from "fast-check";
import { expect, test } from "vitest";
import { cnameRecord, formatCname, parseCname } from "../../records/index.ts";
import { hostName } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const target = fc.oneof(
    hostName,
    hostName.map((host) => `s1._domainkey.${host}`),
  );
  fc.assert(
    fc.property(target, (name) => {
      expect(parseCname(`${formatCname(name).toUpperCase()}.`)).toBe(name);
    }),
  );
});

test("a third party holds a key", () => {
  const delegation = { label: "S1._domainkey", target: "S1._domainkey.Example.NET." };
  expect(cnameRecord("example.org", 60, delegation)).toMatchObject({
    role: "cname-s1._domainkey",
    name: "s1._domainkey.example.org",
    content: "s1._domainkey.example.net",
  });
});

test.each(["", ".", "a b", "192.0.2.1", "_a", "a_..example.net"])("the target %j is refused", (target) => {
  expect(() => formatCname(target)).toThrow(Error);
});

test.each(["", "@", "*", "a..b", "a.", "-a"])("the label %j is refused", (label) => {
  expect(() => cnameRecord("example.org", 60, { label, target: "example.net" })).toThrow(
    `"${label}" is not a valid label below example.org`,
  );
});
