import { createPublicKey, type KeyObject } from "node:crypto";
import type { StackZone } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";
import { ask, type NameResolver } from "../probes/dns.ts";
import { parseTags } from "../records.ts";

/** Whether receivers can use each published DKIM key: its record parses and holds a key of today's length. */
export function dkimKeyChecks(zone: StackZone, resolver: NameResolver): Check[] {
  const names = zone.records
    .filter(({ name, type }) => type === "TXT" && name.includes("._domainkey.") && !name.startsWith("*."))
    .map(({ name }) => name);
  return names.map((name) => ({
    id: `dkim.key.${name}`,
    group: `DNS of ${zone.name}`,
    title: `DKIM key ${name.slice(0, name.indexOf("."))}`,
    why: "Receivers check signatures with this key; they ignore one that is malformed or too short (RFC 8301).",
    remedy: "Check that the DNS server answers, then publish the record again with `npm run up`.",
    run: async () => {
      const [record] = (await ask(resolver, name, "TXT")) ?? [];
      if (record === undefined) return failed("no such record", "Publish it with `npm run up`.");
      return judge(record);
    },
  }));
}

function judge(record: string) {
  const key = publicKeyIn(record);
  if (typeof key === "string") return failed(key, "Publish the record that the plan holds: `npm run up`.");
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType === "rsa" && (bits === undefined || bits < 2048)) {
    return failed(`RSA, ${bits} bits`, "Move to a new selector with a key of 2048 bits.");
  }
  return ok(key.asymmetricKeyType === "rsa" ? `RSA, ${bits} bits` : "Ed25519");
}

/** The key of a DKIM record, or what is wrong with it. */
export function publicKeyIn(record: string): KeyObject | string {
  const tags = parseTags(record);
  const data = tags.get("p");
  // RFC 6376 section 3.6.1: v, where present, must be DKIM1; an empty p says that the key is revoked.
  if ((tags.get("v") ?? "DKIM1") !== "DKIM1") return `v=${tags.get("v")} instead of v=DKIM1`;
  if (data === undefined) return "no key (p=) in the record";
  if (data === "") return "the key is revoked (p= is empty)";
  try {
    return importKey(tags.get("k") ?? "rsa", data);
  } catch {
    return "the key (p=) cannot be read";
  }
}

function importKey(type: string, data: string): KeyObject {
  // RFC 8463 section 4.2: the bare 32 bytes, not the structure around them that RSA keys have.
  if (type === "ed25519") {
    const x = Buffer.from(data, "base64").toString("base64url");
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  }
  return createPublicKey({ key: Buffer.from(data, "base64"), format: "der", type: "spki" });
}
