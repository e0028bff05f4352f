import { createPublicKey } from "node:crypto";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { readTagList } from "../records/tag-list.ts";
import { type PolicyRecord, recordsIn } from "./records-in.ts";

/** RFC 8301 section 3.2 for DKIM; the same length is the least for certificates (CA/Browser Forum 6.1.5). */
const minRsaBits = 2048;

/** Keys that are to be made, and keys that are published. */
export const keyLengths: ResourceValidationPolicy = {
  name: "key-lengths",
  description: "RSA keys have at least 2048 bits (RFC 8301 section 3.2).",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type === "maildomain:index:DkimKey") {
      const bits = /^rsa-(\d+)$/.exec(String(props.algorithm))?.[1];
      if (bits !== undefined && Number(bits) < minRsaBits)
        report(`${props.algorithm} is too short: make it rsa-${minRsaBits} or ed25519`);
    }
    if (type === "tls:index/privateKey:PrivateKey" && props.algorithm === "RSA") {
      const bits = Number(props.rsaBits ?? minRsaBits);
      if (bits < minRsaBits) report(`rsaBits is ${bits}: make it at least ${minRsaBits}`);
    }
    for (const record of recordsIn(type, props)) {
      const bits = dkimBits(record);
      if (bits !== undefined && bits < minRsaBits)
        report(`the key at ${record.name} has ${bits} bits: make one of ${minRsaBits} under a new selector`);
    }
  },
};

/** The length of a published DKIM key; nothing for Ed25519, a revoked key, or a text that is not a key. */
function dkimBits({ name, type, content }: PolicyRecord): number | undefined {
  if (type !== "TXT" || !name.includes("._domainkey.")) return undefined;
  const { tags } = readTagList(content);
  const data = tags.get("p") ?? "";
  if ((tags.get("k") ?? "rsa") !== "rsa" || data === "") return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(data, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyDetails?.modulusLength;
  } catch {
    // A key that cannot be read has no length: `verify` reports it.
    return undefined;
  }
}
