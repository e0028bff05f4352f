import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { StackZone } from "../../outputs/running-stack.ts";
import { dkimKeyChecks, publicKeyIn } from "../../verify/checks/dkim-key.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { NameServer } from "./name-server.ts";

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

  test("reads what else a record may say", () => {
    for (const record of [
      `v=DKIM1; h=sha1:sha256; s=email; t=s; n=a note; x=1; p=${rsaData}`,
      `v = DKIM1 ; s=* ; p = ${rsaData.slice(0, 40)} ${rsaData.slice(40)} ;`,
    ])
      expect(publicKeyIn(record)).not.toBeTypeOf("string");
  });

  test.each([
    ["v=DKIM2; p=AAAA", '"DKIM2" is not a version of DKIM'],
    ["v=DKIM1; k=rsa", "a DKIM record has a p= tag"],
    ["v=DKIM1; k=rsa; p=", "the key is revoked (p= is empty)"],
    ["v=DKIM1; k=dsa; p=AAAA", '"dsa" is not a DKIM key type'],
    [`k=rsa; v=DKIM1; p=${rsaData}`, "v=DKIM1 is not the first tag"],
    [`v=DKIM1; P=${rsaData}`, "a DKIM record has a p= tag"],
    [`v=DKIM1; p=${rsaData}; p=${rsaData}`, 'the tag "p" stands twice'],
    [`v=DKIM1; h=sha1; p=${rsaData}`, "no signature by SHA-256 may use it (h=sha1)"],
    [`v=DKIM1; s=other; p=${rsaData}`, "it is not for mail (s=other)"],
    [`v=DKIM1; t=y:s; p=${rsaData}`, "it is being tried out, so that signatures count for nothing (t=y)"],
    [`v=DKIM1; k=rsa; p=${rsaData.slice(0, 100)}`, "the key (p=) cannot be read"],
    [`v=DKIM1; k=ed25519; p=${rsaData}`, "the key (p=) cannot be read"],
  ])("%s", (record, problem) => {
    expect(publicKeyIn(record)).toBe(problem);
  });
});

test("of several keys at a selector receivers use any, and of long ones none", async () => {
  const name = "rsa1._domainkey.example.test";
  const zone = { name: "example.test", records: [{ name, type: "TXT", content: "", ttl: 60, why: "" }] };
  const long = generateKeyPairSync("rsa", { modulusLength: 4104 }).publicKey;
  const longData = long.export({ type: "spki", format: "der" }).toString("base64");
  const judge = async (...texts: string[]) => {
    await using server = await NameServer.start({ [`${name} TXT`]: texts });
    const [check] = dkimKeyChecks(zone as unknown as StackZone, resolverAt(server.address));
    return (await check?.run())?.seen;
  };
  expect(await judge(`v=DKIM1; p=${rsaData}`)).toBe("RSA, 2048 bits");
  expect(await judge(`v=DKIM1; p=${longData}`)).toBe("RSA, 4104 bits");
  expect(await judge(`v=DKIM1; p=${rsaData}`, "v=DKIM1; p=")).toBe(
    "2 records, of which receivers use any or none",
  );
});
