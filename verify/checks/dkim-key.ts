import { createPublicKey, type KeyObject } from "node:crypto";
import type { StackZone } from "../../outputs/running-stack.ts";
import { FormError, parseDkim } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { type NameResolver, textsAt } from "../probes/dns.ts";

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
      const texts = await textsAt(resolver, name);
      const [record, ...more] = texts;
      if (record === undefined) return failed("no such record", "Publish it with `npm run up`.");
      // RFC 6376 section 3.6.2.2.
      if (more.length > 0)
        return failed(
          `${texts.length} records, of which receivers use any or none`,
          `Keep the one at ${name} that the plan holds: \`npm run up\` publishes it.`,
        );
      return judge(record);
    },
  }));
}

const publishAgain = "Publish the record that the plan holds: `npm run up`.";

function judge(record: string) {
  const key = publicKeyIn(record);
  if (typeof key === "string") return failed(key, publishAgain);
  const bits = key.asymmetricKeyDetails?.modulusLength;
  // RFC 8301 section 3.2: verifiers need not take more than 4096 bits.
  if (key.asymmetricKeyType === "rsa" && (bits === undefined || bits < 2048 || bits > 4096)) {
    return failed(`RSA, ${bits} bits`, "Move to a new selector with a key of 2048 bits.");
  }
  return ok(key.asymmetricKeyType === "rsa" ? `RSA, ${bits} bits` : "Ed25519");
}

/** The key of a DKIM record, or what keeps receivers from using it. */
export function publicKeyIn(record: string): KeyObject | string {
  try {
    const { keyType, publicKey, hashes, services, flags } = parseDkim(record);
    // RFC 6376 section 3.6.1: an empty p says that the key is revoked.
    if (publicKey === "") return "the key is revoked (p= is empty)";
    // RFC 8301 section 3.1.
    if (hashes !== undefined && !hashes.includes("sha256"))
      return `no signature by SHA-256 may use it (h=${hashes.join(":")})`;
    if (services !== undefined && !services.some((service) => service === "*" || service === "email"))
      return `it is not for mail (s=${services.join(":")})`;
    if (flags?.includes("y")) return "it is being tried out, so that signatures count for nothing (t=y)";
    return importKey(keyType, publicKey) ?? "the key (p=) cannot be read";
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    return error.wrong;
  }
}

function importKey(type: string, data: string): KeyObject | undefined {
  try {
    // RFC 8463 section 4.2: the bare 32 bytes, not the structure around them that RSA keys have.
    if (type === "ed25519") {
      const x = Buffer.from(data, "base64").toString("base64url");
      return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    }
    return createPublicKey({ key: Buffer.from(data, "base64"), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
