import type { DnsRecord } from "./record.ts";

/**
 * The key that a server must show (DANE, RFC 6698; RFC 7672 for SMTP): `3 1 1`, the server's own key by the
 * SHA-256 of its SubjectPublicKeyInfo, which survives every renewal of the certificate.
 *
 * @example `3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1`
 */
export interface Tlsa {
  /** 64 hexadecimal digits, lower case. */
  readonly spkiSha256: string;
}

export function formatTlsa({ spkiSha256 }: Tlsa): string {
  if (!/^[0-9a-f]{64}$/.test(spkiSha256)) throw new Error("a TLSA 3 1 1 record holds 64 hexadecimal digits");
  return `3 1 1 ${spkiSha256}`;
}

export function parseTlsa(content: string): Tlsa {
  const digits = /^3 1 1 ([0-9a-f]{64})$/i.exec(content)?.[1];
  if (digits === undefined) throw new Error(`"${content}" is no TLSA 3 1 1 record`);
  return { spkiSha256: digits.toLowerCase() };
}

/** A server's keys by their stage: the next one is published before the server shows it. */
export interface ServerKeys<Content> {
  readonly current: Content;
  readonly next?: Content | undefined;
}

/** Where other mail servers look: `_25._tcp.<host>` (RFC 7672 section 2.2). They believe it in a signed zone only. */
export function tlsaRecords<Content>(
  host: string,
  ttl: number,
  keys: ServerKeys<Content>,
): DnsRecord<Content>[] {
  const record = (stage: "current" | "next", content: Content): DnsRecord<Content> => ({
    role: `tlsa-${stage}`,
    name: `_25._tcp.${host}`,
    type: "TLSA",
    ttl,
    content,
    why: `The ${stage} key that ${host} shows to other servers (DANE, RFC 7672)`,
  });
  return [record("current", keys.current), ...(keys.next === undefined ? [] : [record("next", keys.next)])];
}
