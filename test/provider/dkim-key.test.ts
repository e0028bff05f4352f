import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { dkimKey, publicKeyOf } from "../../provider/dkim-key.ts";
import type { Failure } from "../../provider/inputs.ts";
import { decode, unknown, type Value, type Values } from "../../provider/wire.ts";

const now = new Date();

async function make(algorithm: string) {
  const { id, outputs } = await dkimKey.create({ algorithm });
  const { publicKey, privateKey } = decode(outputs);
  return { id, outputs, publicKey: String(publicKey), key: createPrivateKey(String(privateKey)) };
}

test("makes an RSA key whose p= is a SubjectPublicKeyInfo", async () => {
  const { id, publicKey, key } = await make("rsa-2048");
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(key.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n });
  const record = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" });
  expect(verify("sha256", Buffer.from("mail"), record, sign("sha256", Buffer.from("mail"), key))).toBe(true);
});

test("makes an Ed25519 key whose p= is the bare 32 bytes", async () => {
  const { publicKey, key } = await make("ed25519");
  expect(Buffer.from(publicKey, "base64")).toHaveLength(32);
  const record = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey, "base64").toString("base64url") },
    format: "jwk",
  });
  expect(verify(null, Buffer.from("mail"), record, sign(null, Buffer.from("mail"), key))).toBe(true);
});

test("writes the public key of RFC 8463 appendix A as the RFC does", () => {
  const seed = Buffer.from("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", "base64");
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    type: "pkcs8",
    format: "der",
  });
  expect(publicKeyOf(createPublicKey(key)).toString("base64")).toBe(
    "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  );
});

test("never makes the same key twice, and keeps the private half secret", async () => {
  const [a, b] = await Promise.all([make("ed25519"), make("ed25519")]);
  expect(a.publicKey).not.toBe(b.publicKey);
  expect(a.id).not.toBe(b.id);
  expect(a.outputs.privateKey).toMatchObject({ value: expect.stringContaining("PRIVATE KEY") });
  expect(Object.keys(a.outputs)).toEqual(["publicKey", "privateKey"]);
});

describe("check", () => {
  test.each<[Values, Failure[]]>([
    [{ algorithm: "rsa-2048" }, []],
    [{ algorithm: unknown }, []],
    [
      { algorithm: "rsa-1024" },
      [{ property: "algorithm", reason: 'must be one of "rsa-2048", "ed25519", "rsa", not "rsa-1024"' }],
    ],
    [
      { algorithm: "rsa" },
      [{ property: "algorithm", reason: '"rsa" needs a privateKey; "rsa-2048" makes one' }],
    ],
    [{}, [{ property: "algorithm", reason: "is missing" }]],
    [{ algorithm: 1 }, [{ property: "algorithm", reason: "must be a text, not a number" }]],
    [
      { algorithm: "ed25519", bits: 1 },
      [{ property: "bits", reason: "is not an input of this resource: use algorithm, privateKey" }],
    ],
  ])("%o", (inputs, failures) => {
    expect(dkimKey.check({}, inputs, now).failures).toEqual(failures);
  });
});

test("a selector keeps its key", () => {
  const failures = (next: Value) =>
    dkimKey.check({ algorithm: "rsa-2048" }, { algorithm: next }, now).failures;
  expect([failures("rsa-2048"), failures(unknown)]).toEqual([[], []]);
  expect(failures("ed25519")).toMatchInlineSnapshot(`
    [
      {
        "property": "algorithm",
        "reason": "cannot change from rsa-2048 to ed25519: a selector keeps its key. Keep it unchanged, and declare another selector with stage: published",
      },
    ]
  `);
});

test.each([
  ["rsa-2048", "rsa-2048", { changes: false, replaces: [] }],
  ["rsa-2048", "ed25519", { changes: true, replaces: ["algorithm"] }],
  ["rsa-2048", unknown, { changes: true, replaces: ["algorithm"] }],
] as const)("diff of %s and %s", (former, next, difference) => {
  expect(dkimKey.diff({ algorithm: former, publicKey: "p" }, { algorithm: next })).toEqual(difference);
});

describe("a key from elsewhere", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const pkcs1 = rsa.privateKey.export({ type: "pkcs1", format: "pem" }) as string;
  const pkcs8 = rsa.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const taken = (privateKey: string, algorithm: string) =>
    decode(dkimKey.check({}, { algorithm, privateKey }, now).filled);

  test("is taken over, whatever form it has, and its public half derived", async () => {
    expect(taken(pkcs1, "rsa")).toEqual({ privateKey: pkcs8 });
    const { outputs } = await dkimKey.create({ algorithm: "rsa", ...taken(pkcs1, "rsa") });
    expect(outputs.privateKey).toMatchObject({ value: pkcs8 });
    const record = rsa.publicKey.export({ type: "spki", format: "der" }).toString("base64");
    expect(outputs.publicKey).toBe(record);
  });

  test("makes no difference while it stays or is left out later; another one replaces it", () => {
    const olds = { algorithm: "rsa", publicKey: "p", privateKey: pkcs8 };
    const none = { changes: false, replaces: [] };
    expect(dkimKey.diff(olds, { algorithm: "rsa", ...taken(pkcs1, "rsa") })).toEqual(none);
    expect(dkimKey.diff({ ...olds, algorithm: "ed25519" }, { algorithm: "ed25519" })).toEqual(none);
    const other = { changes: true, replaces: ["privateKey"] };
    expect(dkimKey.diff({ ...olds, privateKey: "another" }, { algorithm: "rsa", privateKey: pkcs8 })).toEqual(
      other,
    );
  });

  test("of the wrong length for its algorithm is refused without being shown", () => {
    expect(dkimKey.check({}, { algorithm: "rsa-2048", privateKey: pkcs1 }, now).failures).toEqual([
      {
        property: "privateKey",
        reason: 'is an RSA key of 1024 bits, not of the algorithm "rsa-2048": write algorithm "rsa"',
      },
    ]);
  });
});
