import { createHash } from "node:crypto";
import type { DnsRecord } from "./record.ts";

/** How many hexadecimal digits each digest has (RFC 4509, RFC 6605): 2 is SHA-256, 4 SHA-384. */
const digestDigits: Readonly<Record<number, number>> = { 2: 64, 4: 96 };

/**
 * What the parent zone says of a signed zone's key (RFC 4034 section 5).
 *
 * @example `60485 13 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a`
 */
export interface Ds {
  /** 0 to 65535. */
  readonly keyTag: number;
  /** The signing algorithm's number, 1 to 255 (RFC 4034 appendix A.1). @example 13 */
  readonly algorithm: number;
  /** SHA-1, digest type 1, is not to be used any longer (RFC 8624 section 3.3). */
  readonly digestType: 2 | 4;
  /** Hexadecimal, lower case. */
  readonly digest: string;
}

export function formatDs({ keyTag, algorithm, digestType, digest }: Ds): string {
  if (!Number.isInteger(keyTag) || keyTag < 0 || keyTag > 65_535) {
    throw new Error(`the key tag ${keyTag} of a DS record is not between 0 and 65535`);
  }
  if (!Number.isInteger(algorithm) || algorithm < 1 || algorithm > 255) {
    throw new Error(`the algorithm ${algorithm} of a DS record is not between 1 and 255`);
  }
  const digits = digestDigits[digestType];
  if (digits === undefined) throw new Error(`digest type ${digestType} of a DS record is neither 2 nor 4`);
  if (digest.length !== digits || !/^[0-9a-f]+$/i.test(digest)) {
    throw new Error(`a DS record of digest type ${digestType} holds ${digits} hexadecimal digits`);
  }
  return `${keyTag} ${algorithm} ${digestType} ${digest.toLowerCase()}`;
}

/** The digest may be split by spaces (RFC 4034 section 5.3). */
export function parseDs(content: string): Ds {
  const [, keyTag, algorithm, digestType, digest] =
    /^(\d{1,5})\s+(\d{1,3})\s+([24])\s+([0-9a-f\s]+)$/i.exec(content.trim()) ?? [];
  if (digest === undefined) throw new Error(`"${content}" is not a DS record with SHA-256 or SHA-384`);
  const ds: Ds = {
    keyTag: Number(keyTag),
    algorithm: Number(algorithm),
    digestType: digestType === "2" ? 2 : 4,
    digest: digest.replaceAll(/\s/g, "").toLowerCase(),
  };
  formatDs(ds);
  return ds;
}

/** It is in the parent zone: without it nobody can validate the zone's signatures (RFC 4035 section 5). */
export function dsRecord<Content>(zone: string, ttl: number, content: Content): DnsRecord<Content> {
  return {
    role: "ds",
    name: zone,
    type: "DS",
    ttl,
    content,
    why: "The parent vouches for the key that signs the zone (DNSSEC, RFC 4034)",
  };
}

/**
 * The DS record of a key, with SHA-256 (RFC 4509).
 *
 * @param dnskey - the DNSKEY record's content. @example `257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0d…`
 * @throws Error when it is not a DNSKEY record.
 */
export function dsOf(zone: string, dnskey: string): Ds {
  const [, flags, algorithm, key] =
    /^(\d{1,5})\s+3\s+(\d{1,3})\s+([A-Za-z0-9+/=\s]+)$/.exec(dnskey.trim()) ?? [];
  if (key === undefined) throw new Error(`"${dnskey}" is not a valid DNSKEY record`);
  const [bits, number] = [Number(flags), Number(algorithm)];
  const content = Buffer.concat([
    Buffer.from([bits >> 8, bits & 0xff, 3, number]),
    Buffer.from(key.replaceAll(/\s/g, ""), "base64"),
  ]);
  const digest = createHash("sha256").update(wireName(zone)).update(content).digest("hex");
  return { keyTag: keyTag(content), algorithm: number, digestType: 2, digest };
}

/** A name in its canonical form, for digests (RFC 4034 section 6.2). */
function wireName(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .split(".")
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** RFC 4034 appendix B. */
function keyTag(content: Buffer): number {
  const sum = content.reduce((total, byte, index) => total + (index % 2 === 0 ? byte << 8 : byte), 0);
  return (sum + (sum >> 16)) & 0xffff;
}
