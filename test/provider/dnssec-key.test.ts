import { createPrivateKey } from "node:crypto";
import { expect, test } from "vitest";
import { describeKey, dnssecKey } from "../../provider/dnssec-key.ts";
import { decode, unknown, type Value } from "../../provider/wire.ts";

const now = new Date();

test("describes the key of RFC 6605 section 6.1 as the RFC does", () => {
  const d = Buffer.from("GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=", "base64").toString("base64url");
  const point = Buffer.from(
    "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
    "base64",
  );
  const [x, y] = [point.subarray(0, 32), point.subarray(32)].map((half) => half.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", d, x: x ?? "", y: y ?? "" };
  expect(describeKey("example.net", createPrivateKey({ key: jwk, format: "jwk" }))).toEqual({
    dnskey: `257 3 13 ${point.toString("base64")}`,
    ds: "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17",
  });
});

test("makes a key of its own each time, its private half a secret", async () => {
  const made = await Promise.all([1, 2].map(() => dnssecKey.create({ zone: "example.org" })));
  const [first, second] = made.map(({ outputs }) => decode(outputs));
  expect(first?.ds).toMatch(/^\d{1,5} 13 2 [0-9a-f]{64}$/);
  expect(first?.ds).not.toBe(second?.ds);
  expect(made[0]?.outputs.privateKey).toMatchObject({ value: expect.stringContaining("PRIVATE KEY") });
});

test("another zone is another key", () => {
  expect(dnssecKey.diff({ zone: "a.example" }, { zone: "a.example" })).toEqual({
    changes: false,
    replaces: [],
  });
  expect(dnssecKey.diff({ zone: "a.example" }, { zone: "b.example" })).toEqual({
    changes: true,
    replaces: ["zone"],
  });
});

test("a zone's name is checked", () => {
  const failures = (zone: Value) => dnssecKey.check({}, { zone }, now).failures;
  expect(failures("example.org")).toEqual([]);
  expect(failures(unknown)).toEqual([]);
  expect(failures("Example.org.")).toEqual([
    {
      property: "zone",
      reason: 'must be a zone\'s name, lower case, A-labels and no final dot, not "Example.org."',
    },
  ]);
});
