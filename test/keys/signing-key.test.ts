import { generateKeyPairSync, type KeyExportOptions, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { readSigningKey, signingKeyProblem } from "../../keys/signing-key.ts";

// RFC 8463 appendix A.2.
const seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const publicHalf = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const both = Buffer.concat([seed, publicHalf].map((part) => Buffer.from(part, "base64"))).toString("base64");

test.each([seed, both, `${both}\n`])("Rspamd's own form of an Ed25519 key", (text) => {
  const { type, bits, publicKey } = readSigningKey(text);
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
  expect({ type, bits, x }).toEqual({ type: "ed25519", bits: 256, x: publicHalf });
});

test("what is refused, and why", () => {
  const pem = (key: { privateKey: KeyObject }, more: Partial<KeyExportOptions<"pem">> = {}) =>
    String(key.privateKey.export({ type: "pkcs8", format: "pem", ...more }));
  const short = generateKeyPairSync("rsa", { modulusLength: 768 });
  const right = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const table = [
    ["rsa", "hello"],
    ["rsa", "hello there"],
    ["rsa", pem(short)],
    ["rsa", pem(right, { cipher: "aes-128-cbc", passphrase: "x" })],
    ["rsa", pem(right).slice(0, 400)],
    ["rsa", pem(generateKeyPairSync("ec", { namedCurve: "P-256" }))],
    ["ed25519", both.replace(/^n/, "o")],
    ["ed25519", pem(right)],
    ["rsa-2048", pem(generateKeyPairSync("ed25519"))],
  ] as const;
  expect(
    table.map(([algorithm, text]) => signingKeyProblem(text, algorithm)).join("\n"),
  ).toMatchInlineSnapshot(`
    "is not a private key: neither PEM nor base64 of an Ed25519 key (32 or 64 bytes)
    is not a private key in PEM (-----BEGIN PRIVATE KEY-----)
    is an RSA key of 768 bits; receivers take 1024 to 4096 (RFC 8301 section 3.2)
    is encrypted: write the key without its passphrase
    is not a private key in PEM (-----BEGIN PRIVATE KEY-----)
    is a key of the kind ec; DKIM takes RSA or Ed25519 (RFC 8301, RFC 8463)
    is not a valid private key: its two halves do not match
    is an RSA key of 2048 bits, not of the algorithm "ed25519": write algorithm "rsa-2048"
    is an Ed25519 key, not of the algorithm "rsa-2048": write algorithm "ed25519""
  `);
  for (const algorithm of ["rsa", "rsa-2048"] as const) {
    expect(signingKeyProblem(pem(right), algorithm)).toBeUndefined();
  }
});
