import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Caa,
  type CaaIssuer,
  caaRecords,
  formatCaa,
  formatIssuer,
  parseCaa,
  parseIssuer,
} from "../../records/index.ts";
import { hostName } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const caa: fc.Arbitrary<Caa> = fc.record({
    flags: fc.constantFrom(0, 128),
    tag: fc.constantFrom("issue", "issuewild", "iodef"),
    value: fc.stringMatching(/^[ !#-~]{0,40}$/),
  });
  fc.assert(
    fc.property(caa, (value) => {
      expect(parseCaa(formatCaa(value))).toEqual(value);
    }),
  );
});

test("issuers are read back the same", () => {
  const issuer: fc.Arbitrary<CaaIssuer> = fc.record(
    {
      authority: hostName,
      accountUri: hostName.map((host) => `https://${host}/acct/1?a=b&c=d`),
      validationMethods: fc.uniqueArray(fc.constantFrom("dns-01", "http-01", "tls-alpn-01"), {
        minLength: 1,
      }),
    },
    { requiredKeys: ["authority"] },
  );
  fc.assert(
    fc.property(issuer, (value) => {
      expect(parseIssuer(formatIssuer(value))).toEqual(value);
    }),
  );
});

test("a set says who may issue what, and who hears of the rest", () => {
  const records = caaRecords("example.org", 60, {
    issuers: [
      parseIssuer("LetsEncrypt.org;accounturi=https://acme.example/acct/1; validationmethods=dns-01"),
      { authority: "ca.example" },
    ],
    wildcardIssuers: [],
    reportAddress: "security@example.org",
  });
  expect(records.map(({ role, content }) => `${role}: ${content}`)).toMatchInlineSnapshot(`
    [
      "caa-letsencrypt.org: 0 issue "letsencrypt.org; accounturi=https://acme.example/acct/1; validationmethods=dns-01"",
      "caa-ca.example: 0 issue "ca.example"",
      "caa-wild-none: 0 issuewild ";"",
      "caa-iodef: 0 iodef "mailto:security@example.org"",
    ]
  `);
  const wild = caaRecords("example.org", 60, { issuers: [], wildcardIssuers: [{ authority: "ca.example" }] });
  expect(wild.map(({ role, content }) => `${role}: ${content}`)).toEqual([
    'caa-wild-ca.example: 0 issuewild "ca.example"',
  ]);
});

test("tags are read without case", () => {
  expect(parseCaa('0 Issue "ca.example"').tag).toBe("issue");
});

test.each(['0 issuer "ca.example"', "0 issue ca.example", '1 issue "ca.example"', '0 issue "a"b"'])(
  "%s is refused",
  (content) => {
    expect(() => parseCaa(content)).toThrow("is not a known CAA record");
  },
);

test.each([
  ["", "is empty"],
  ["not a domain", "is not a valid host name"],
  ["ca.example; account=1", '"account=1" is not a valid CAA parameter'],
  ["ca.example; accounturi=https://a.example; accounturi=https://b.example", "stands twice"],
])("the issuer %j is refused", (value, message) => {
  expect(() => parseIssuer(value)).toThrow(message);
});

test.each([
  [{ authority: "ca.example", accountUri: "account 1" }, "is not a valid ACME account"],
  [{ authority: "ca.example", accountUri: "https://a.example/;b" }, "is not a valid ACME account"],
  [{ authority: "ca.example", validationMethods: ["dns 01"] }, '"dns 01" is not a valid validation method'],
])("%j is refused", (issuer, message) => {
  expect(() => formatIssuer(issuer)).toThrow(message);
});
