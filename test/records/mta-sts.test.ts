import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatMtaSts,
  formatMtaStsPolicy,
  MtaStsMode,
  mtaStsRecord,
  parseMtaSts,
  parseMtaStsPolicy,
  policyHost,
  policyId,
  policyNames,
} from "../../records/index.ts";
import { hostName } from "./arbitrary.ts";

test("policies are read back the same, and the id changes with them alone", () => {
  const pattern = fc.oneof(
    hostName,
    hostName.map((host) => `*.${host}`),
  );
  const policy = fc.record({
    mode: fc.constantFrom(...Object.values(MtaStsMode)),
    mx: fc.array(pattern, { minLength: 1, maxLength: 4 }),
    maxAge: fc.nat(31_557_600),
  });
  fc.assert(
    fc.property(policy, (value) => {
      expect(parseMtaStsPolicy(formatMtaStsPolicy(value))).toEqual(value);
      expect(parseMtaSts(mtaStsRecord("example.org", 60, value).content)).toEqual({ id: policyId(value) });
      expect(policyId({ ...value })).toBe(policyId(value));
      expect(policyId({ ...value, maxAge: (value.maxAge + 1) % 31_557_601 })).not.toBe(policyId(value));
    }),
  );
});

test("ids are read back the same", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{1,32}$/), (id) => {
      expect(parseMtaSts(formatMtaSts({ id }))).toEqual({ id });
    }),
  );
});

test("the policy's text is the standard's", () => {
  const text = formatMtaStsPolicy({
    mode: "enforce",
    mx: ["Mail.example.org", "*.example.net"],
    maxAge: 604_800,
  });
  expect(text).toBe(
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n",
  );
  expect(policyHost("example.org")).toBe("mta-sts.example.org");
});

test("a policy names its hosts, one label by an asterisk", () => {
  const policy = { mode: "enforce", mx: ["mail.example.org", "*.example.net"], maxAge: 60 } as const;
  const named = ["mail.example.org", "mx1.example.net", "a.mx1.example.net", "example.net", "mx.example.org"];
  expect(named.filter((host) => policyNames(policy, host))).toEqual(["mail.example.org", "mx1.example.net"]);
});

test.each([
  ["version: STSv2\nmode: none\nmax_age: 1", "begins with version: STSv1"],
  ["version: STSv1\nmode: strict\nmax_age: 1", '"strict" is not an MTA-STS mode'],
  ["version: STSv1\nmode: none", '"" is not a valid MTA-STS max_age'],
  ["version: STSv1\nmode: none\nmax_age: 31557601", "is not between 0 and 31557600"],
  ["version: STSv1\nmode: enforce\nmax_age: 1", "names at least one mx"],
  ["version: STSv1\nmode: testing\nmx: *\nmax_age: 1", "is not a valid host name"],
  ["version: STSv1\nmode: enforce\nnmx: a.example\nmax_age: 1", 'add mx: and the MX host, not "nmx:"'],
  [
    "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1",
    '"Enforce" is not an MTA-STS mode: write mode: enforce',
  ],
  ["version: STSv1\nMode: enforce\nmx: a.example\nmax_age: 1", 'in lower case, not "Mode:"'],
  ["version: STSv1\nmode: enforce\nmx: a.example.\nmax_age: 1", "ends with a dot: leave it out"],
  ["version: STSv1\nmode: enforce\nmx: 192.0.2.1\nmax_age: 1", "is an IP address"],
  ["version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1 day", '"1 day" is not a valid MTA-STS max_age'],
])("the policy %j is refused", (text, message) => {
  expect(() => parseMtaStsPolicy(text)).toThrow(message);
});

test("what else a policy or a record may hold does no harm", () => {
  const text =
    "# a note\r\nmax_age: 1\nmax_age: 2\nmx: *.Example.org\nx-y: z\nmode:enforce\n\nversion: STSv1";
  expect(parseMtaStsPolicy(text)).toEqual({ mode: "enforce", mx: ["*.example.org"], maxAge: 1 });
  for (const record of ["v=STSv1;id=1", "v=STSv1 ; id=1 ; ", "v=STSv1; x-y=z; id=1; id=2;"])
    expect(parseMtaSts(record)).toEqual({ id: "1" });
});

test.each([
  "v = STSv1; id=1",
  "v=stsv1; id=1",
  "v=STSv1; id = 1",
  "v=STSv1;; id=1",
  "v=STSv1; id=a-b",
  "v=STSv1",
  "v=STSv1; id=",
  "id=1",
  `v=STSv1; id=${"a".repeat(33)}`,
])("the record %s is refused", (text) => {
  expect(() => parseMtaSts(text)).toThrow("is not a valid MTA-STS record");
});
