import fc from "fast-check";
import { expect, test } from "vitest";
import { type DkimKeyRecord, dkimRecord, formatDkim, parseDkim, revokedKey } from "../../records/index.ts";

const base64 = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("base64"));

test("what is formatted is read back the same", () => {
  const key: fc.Arbitrary<DkimKeyRecord> = fc.record(
    {
      keyType: fc.constantFrom("rsa", "ed25519"),
      publicKey: base64,
      flags: fc.uniqueArray(fc.constantFrom("y", "s"), { minLength: 1 }),
    },
    { requiredKeys: ["keyType", "publicKey"] },
  );
  fc.assert(
    fc.property(key, (value) => {
      expect(parseDkim(formatDkim(value))).toEqual(value);
    }),
  );
});

test("a revoked key is empty", () => {
  expect(formatDkim(revokedKey)).toBe("v=DKIM1; p=");
  expect(parseDkim("v=DKIM1; p=")).toEqual(revokedKey);
});

test("records in use are understood", () => {
  expect(parseDkim("k=rsa; t=s; n=a note; p=MIIB IjAN")).toEqual({
    keyType: "rsa",
    publicKey: "MIIBIjAN",
    flags: ["s"],
  });
});

test.each([
  ["v=DKIM1; k=dsa; p=", '"dsa" is not a DKIM key type: use rsa or ed25519'],
  ["v=DKIM2; p=", '"DKIM2" is not a version of DKIM: use DKIM1'],
  ["v=DKIM1; k=rsa", "a DKIM record has a p= tag"],
])("%s is refused", (text, message) => {
  expect(() => parseDkim(text)).toThrow(message);
});

test.each(["A B=", "abc", "a===", "-----BEGIN PUBLIC KEY-----"])("the key %s is refused", (publicKey) => {
  expect(() => formatDkim({ keyType: "rsa", publicKey })).toThrow("a DKIM public key is base64");
});

test("a selector is a name, and no wildcard", () => {
  expect(dkimRecord("example.org", 60, { selector: "a.b", content: "" })).toMatchObject({
    role: "dkim-a.b",
    name: "a.b._domainkey.example.org",
  });
  for (const selector of ["*", "", "A", "a_b", "a..b", "-a"]) {
    expect(() => dkimRecord("example.org", 60, { selector, content: "" })).toThrow(
      `"${selector}" is not a valid DKIM selector`,
    );
  }
});
