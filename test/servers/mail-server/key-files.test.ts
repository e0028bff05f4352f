import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { unseal } from "../../../servers/generation/configuration-file.ts";
import { dkimKeyFile, mailServerPair } from "../../../servers/mail-server/mail-server.ts";

const PKCS8 = { type: "pkcs8", format: "pem" } as const;

test("an RSA key stays unchanged", () => {
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(PKCS8).toString();
  expect(unseal(dkimKeyFile("example.org", "r1"), pem)).toEqual({
    owner: "root:_rspamd",
    mode: 0o640,
    path: "rspamd/dkim/example.org.r1.key",
    content: pem,
  });
});

// RFC 8032 s7.1, test 1.
test("an Ed25519 key becomes seed and public key", () => {
  const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  const publicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, "hex");
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  expect(createPublicKey(key).export({ format: "jwk" }).x).toBe(
    Buffer.from(publicKey, "hex").toString("base64url"),
  );
  const content = dkimKeyFile("example.org", "e1").render(key.export(PKCS8).toString());
  expect(Buffer.from(content, "base64").toString("hex")).toBe(seed + publicKey);
});

test.each([
  ["a selector with a dot", "a.b", "cannot be a DKIM selector"],
  ["a selector that leaves the folder", "../x", "cannot be a DKIM selector"],
])("refuses %s", (_, selector, message) => {
  expect(() => dkimKeyFile("example.org", selector)).toThrow(message);
});

test("refuses a key that no verifier knows", () => {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(PKCS8).toString();
  expect(() => dkimKeyFile("example.org", "x").render(pem)).toThrow("DKIM keys are RSA or Ed25519");
});

test("the pair is key, certificate and chain, each ending its line", () => {
  const pair = { privateKey: "KEY", certificate: "CERT\n" };
  expect(mailServerPair.render({ ...pair, chain: "\nCA\n" })).toBe("KEY\nCERT\nCA\n");
  expect(mailServerPair.render({ ...pair, chain: "" })).toBe("KEY\nCERT\n");
});
