import { createHash } from "node:crypto";
import type { DnsRecord } from "./record.ts";

/** The digests that this project knows, by their number in a DS record (RFC 4034, RFC 4509, RFC 6605). */
const digests: Readonly<Record<number, { readonly hash: string; readonly digits: number }>> = {
  1: { hash: "sha1", digits: 40 },
  2: { hash: "sha256", digits: 64 },
  4: { hash: "sha384", digits: 96 },
};

/**
 * What the parent zone says of a signed zone's key (RFC 4034 section 5), whoever wrote it.
 *
 * @example `60485 13 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a`
 */
export interface ForeignDs {
  /** 0 to 65535. */
  readonly keyTag: number;
  /** The signing algorithm's number, 1 to 255 (RFC 4034 appendix A.1). @example 13 */
  readonly algorithm: number;
  /** 0 to 255. */
  readonly digestType: number;
  /** Hexadecimal, lower case. */
  readonly digest: string;
}

/** One that is fit to be published. */
export interface Ds extends ForeignDs {
  /** SHA-256 or SHA-384; SHA-1, digest type 1, is not to be used for new records (RFC 9904 and RFC 9905). */
  readonly digestType: 2 | 4;
}

export function formatDs({ keyTag, algorithm, digestType, digest }: Ds): string {
  if (!Number.isInteger(keyTag) || keyTag < 0 || keyTag > 65_535) {
    throw new Error(`the key tag ${keyTag} of a DS record is not between 0 and 65535`);
  }
  if (!Number.isInteger(algorithm) || algorithm < 1 || algorithm > 255) {
    throw new Error(`the algorithm ${algorithm} of a DS record is not between 1 and 255`);
  }
  if (digestType !== 2 && digestType !== 4)
    throw new Error(`digest type ${digestType} of a DS record is neither 2 nor 4`);
  const digits = digests[digestType]?.digits;
  if (digest.length !== digits || !/^[0-9a-f]+$/i.test(digest)) {
    throw new Error(`a DS record of digest type ${digestType} holds ${digits} hexadecimal digits`);
  }
  return `${keyTag} ${algorithm} ${digestType} ${digest.toLowerCase()}`;
}

/** The digest may be split by spaces (RFC 4034 section 5.3). */
export function parseDs(content: string): Ds {
  const ds = parseForeignDs(content);
  const { digestType } = ds;
  if (digestType !== 2 && digestType !== 4)
    throw new Error(`"${content}" is not a DS record with SHA-256 or SHA-384`);
  const fit: Ds = { ...ds, digestType };
  formatDs(fit);
  return fit;
}

/** One that somebody else has published, with whatever digest. */
export function parseForeignDs(content: string): ForeignDs {
  const [, keyTag, algorithm, digestType, digest] =
    /^(\d{1,5})\s+(\d{1,3})\s+(\d{1,3})\s+([0-9a-f\s]+)$/i.exec(content.trim()) ?? [];
  if (digest === undefined) throw new Error(`"${content}" is not a DS record with SHA-256 or SHA-384`);
  return {
    keyTag: Number(keyTag),
    algorithm: Number(algorithm),
    digestType: Number(digestType),
    digest: digest.replaceAll(/\s/g, "").toLowerCase(),
  };
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

/** A zone's key as it is published (RFC 4034 section 2). */
export interface ZoneKey {
  /** Bits: 256 for a key of the zone, 128 for one that is revoked (RFC 5011 section 3), 1 for one that others vouch for. */
  readonly flags: number;
  readonly algorithm: number;
  readonly data: Buffer;
}

/**
 * @param dnskey - the DNSKEY record's content. @example `257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0d…`
 * @throws Error when it is not a DNSKEY record.
 */
export function parseZoneKey(dnskey: string): ZoneKey {
  const [, flags, algorithm, key] =
    /^(\d{1,5})\s+3\s+(\d{1,3})\s+([A-Za-z0-9+/=\s]+)$/.exec(dnskey.trim()) ?? [];
  if (key === undefined) throw new Error(`"${dnskey}" is not a valid DNSKEY record`);
  return {
    flags: Number(flags),
    algorithm: Number(algorithm),
    data: Buffer.from(key.replaceAll(/\s/g, ""), "base64"),
  };
}

/**
 * The DS record of a key, with a digest of that type.
 *
 * @returns nothing for a digest that is not known here.
 */
export function digestOf(zone: string, key: ZoneKey, digestType: number): ForeignDs | undefined {
  const { flags, algorithm, data } = key;
  const known = digests[digestType];
  if (known === undefined) return undefined;
  const content = Buffer.concat([Buffer.from([flags >> 8, flags & 0xff, 3, algorithm]), data]);
  const digest = createHash(known.hash).update(wireName(zone)).update(content).digest("hex");
  return { keyTag: keyTag(content), algorithm, digestType, digest };
}

/**
 * The DS record of a key, with SHA-256 (RFC 4509).
 *
 * @throws Error when it is not a DNSKEY record.
 */
export function dsOf(zone: string, dnskey: string): Ds {
  return { ...(digestOf(zone, parseZoneKey(dnskey), 2) as ForeignDs), digestType: 2 };
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
