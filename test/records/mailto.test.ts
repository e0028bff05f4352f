import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOf, formatMailto, parseMailto } from "../../records/index.ts";
import { address } from "./arbitrary.ts";

test("any address is read back the same, and holds nothing that separates", () => {
  fc.assert(
    fc.property(address, (value) => {
      const uri = formatMailto(value);
      expect(uri).not.toMatch(/[,;!\s]/);
      expect(parseMailto(uri)).toBe(value);
    }),
  );
});

test("the domain has one spelling", () => {
  expect(formatMailto("Ana.Lima@BÜCHER.example")).toBe("mailto:Ana.Lima@xn--bcher-kva.example");
  expect(domainOf("a@Example.ORG")).toBe("example.org");
});

test.each(["ana", "@example.org", "a b@example.org", "ana@localhost"])(
  "the address %s is refused",
  (value) => {
    expect(() => formatMailto(value)).toThrow(Error);
  },
);

test.each(["ana@example.org", "mailto:", "mailto:a@b.example,c@d.example", "mailto:a@example.org?subject=x"])(
  "the URI %s is refused",
  (uri) => {
    expect(() => parseMailto(uri)).toThrow(`"${uri}" is not a valid mailto: address`);
  },
);
