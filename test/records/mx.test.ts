import fc from "fast-check";
import { expect, test } from "vitest";
import { formatMx, nullMx, nullMxRecord, parseMx } from "../../records/index.ts";
import { hostName, uint16 } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  fc.assert(
    fc.property(fc.record({ preference: uint16, exchange: hostName }), (mx) => {
      expect(parseMx(formatMx(mx))).toEqual(mx);
    }),
  );
  expect(parseMx(formatMx(nullMx))).toEqual(nullMx);
  expect(nullMxRecord("mx", "example.net", 60)).toMatchObject({ type: "MX", content: "0 ." });
});

test.each([
  ["10 MAIL.Example.ORG.", "10 mail.example.org"],
  ["5 mx.bücher.example", "5 mx.xn--bcher-kva.example"],
])("%s is %s", (content, canonical) => {
  expect(formatMx(parseMx(content))).toBe(canonical);
});

test.each([
  ["70000 mail.example.org", "is not a valid MX record"],
  ["mail.example.org", "is not a valid MX record"],
  ["10 192.0.2.1", "is an IP address or ends in a number"],
  ["10 _mail.example.org", "is not a valid host name"],
])("%s is refused", (content, message) => {
  expect(() => parseMx(content)).toThrow(message);
});

test.each([
  [{ preference: -1, exchange: "mail.example.org" }, "MX preference -1 is not between 0 and 65535"],
  [{ preference: 1.5, exchange: "mail.example.org" }, "MX preference 1.5 is not between 0 and 65535"],
  [{ preference: 10, exchange: "." }, "a null MX has preference 0, not 10 (RFC 7505 section 3)"],
  [{ preference: 10, exchange: "" }, "is empty"],
])("%j is refused", (mx, message) => {
  expect(() => formatMx(mx)).toThrow(message);
});
