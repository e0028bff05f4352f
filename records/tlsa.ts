import type { DnsRecord } from "./record.ts";
import { services } from "./service.ts";

/** How many hexadecimal digits each digest has (RFC 6698 section 2.1.3): 1 is SHA-256, 2 SHA-512. */
const digestDigits: Readonly<Record<number, number>> = { 1: 64, 2: 128 };

/**
 * What a server must show (DANE, RFC 6698 section 2.1).
 *
 * @example `3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1`
 */
export interface Tlsa {
  /** 3: the server's own, 2: an authority's. Mail servers ignore 0 and 1 (RFC 7672 section 3.1.3). */
  readonly usage: 0 | 1 | 2 | 3;
  /** 0: the whole certificate, 1: its public key. */
  readonly selector: 0 | 1;
  /** 0: in full, 1: its SHA-256, 2: its SHA-512. */
  readonly matchingType: 0 | 1 | 2;
  /** Hexadecimal, lower case. */
  readonly data: string;
}

/**
 * `3 1 1`, the server's own key by the SHA-256 of its SubjectPublicKeyInfo: it survives every renewal of the
 * certificate, and is what RFC 7672 section 3.1.1 recommends.
 *
 * @param spkiSha256 - 64 hexadecimal digits.
 */
export function ownKey(spkiSha256: string): Tlsa {
  return { usage: 3, selector: 1, matchingType: 1, data: spkiSha256 };
}

export function formatTlsa({ usage, selector, matchingType, data }: Tlsa): string {
  const digits = digestDigits[matchingType];
  if (!/^([0-9a-f]{2})+$/i.test(data) || (digits !== undefined && data.length !== digits)) {
    const amount = digits === undefined ? "an even number of" : digits;
    throw new Error(
      `a TLSA ${usage} ${selector} ${matchingType} record holds ${amount} hexadecimal digits, not "${data}"`,
    );
  }
  return `${usage} ${selector} ${matchingType} ${data.toLowerCase()}`;
}

/** The data may be split by spaces (RFC 6698 section 2.2). */
export function parseTlsa(content: string): Tlsa {
  const [, usage, selector, matchingType, data] =
    /^([0-3])\s+([01])\s+([0-2])\s+([0-9a-f\s]+)$/i.exec(content.trim()) ?? [];
  if (data === undefined) throw new Error(`"${content}" is not a valid TLSA record`);
  const tlsa: Tlsa = {
    usage: Number(usage) as Tlsa["usage"],
    selector: Number(selector) as Tlsa["selector"],
    matchingType: Number(matchingType) as Tlsa["matchingType"],
    data: data.replaceAll(/\s/g, "").toLowerCase(),
  };
  formatTlsa(tlsa);
  return tlsa;
}

/** One of a server's keys: it is published before the server shows it, and a while after. */
export interface ServerKey<Content> {
  /** Distinguishes it from the others. @example "key1" */
  readonly name: string;
  /** `published` ahead of its use, `serving`, or `retired` while others may still expect it. */
  readonly stage: "published" | "serving" | "retired";
  /** The record's text (RFC 6698 section 2). @example `3 1 1 ${digest}` */
  readonly content: Content;
}

const reasons: Readonly<Record<ServerKey<unknown>["stage"], string>> = {
  published: "The key that the server will show next, published ahead (RFC 7671 8.1)",
  serving: "The key by which other mail servers know this one (DANE, RFC 7672)",
  retired: "The key that the server showed before, published while others may still expect it (RFC 7671 8.1)",
};

/** Where other mail servers look for a server's keys (RFC 7672 section 2.2.2). @example "_25._tcp.mail.example.org" */
export function tlsaName(host: string): string {
  return `_${services.smtp.port}._tcp.${host}`;
}

/**
 * The keys of a server, for other mail servers. They believe it in a signed zone only.
 *
 * A key keeps its role from stage to stage: when another one is shown, no record changes.
 */
export function tlsaRecords<Content>(
  host: string,
  ttl: number,
  keys: readonly ServerKey<Content>[],
): DnsRecord<Content>[] {
  return keys.map(({ name, stage, content }) => ({
    role: `tlsa-${services.smtp.port}-${name}`,
    name: tlsaName(host),
    type: "TLSA",
    ttl,
    content,
    why: reasons[stage],
  }));
}
