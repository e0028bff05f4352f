import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { publicKeyIn } from "../../verify/checks/dkim-key.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const ed25519 = generateKeyPairSync("ed25519").publicKey;
const rsaData = rsa.export({ type: "spki", format: "der" }).toString("base64");
const ed25519Data = Buffer.from(ed25519.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");

describe("publicKeyIn", () => {
  test("reads an RSA key, whose type may be left out", () => {
    for (const record of [`v=DKIM1; k=rsa; p=${rsaData}`, `p=${rsaData}`]) {
      const key = publicKeyIn(record);
      if (typeof key === "string") throw new Error(key);
      expect(key.equals(rsa)).toBe(true);
    }
  });

  test("reads an Ed25519 key, which is published bare", () => {
    const key = publicKeyIn(`v=DKIM1; k=ed25519; p=${ed25519Data}`);
    if (typeof key === "string") throw new Error(key);
    expect(key.equals(ed25519)).toBe(true);
  });

  test.each([
    ["v=DKIM2; p=AAAA", "v=DKIM2 instead of v=DKIM1"],
    ["v=DKIM1; k=rsa", "no key (p=) in the record"],
    ["v=DKIM1; k=rsa; p=", "the key is revoked (p= is empty)"],
    [`v=DKIM1; k=rsa; p=${rsaData.slice(0, 100)}`, "the key (p=) cannot be read"],
    [`v=DKIM1; k=ed25519; p=${rsaData}`, "the key (p=) cannot be read"],
  ])("%s", (record, problem) => {
    expect(publicKeyIn(record)).toBe(problem);
  });
});
