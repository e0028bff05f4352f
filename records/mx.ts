import type { DnsRecord } from "./record.ts";

/**
 * A mail exchanger (RFC 5321 section 5.1, RFC 974).
 *
 * @example `10 mail.example.org`
 */
export interface Mx {
  /** 0 to 65535; the lowest is tried first. */
  readonly preference: number;
  /** A host name with an address of its own: never an alias (RFC 5321 section 5.1). */
  readonly exchange: string;
}

export function formatMx(mx: Mx): string {
  if (!Number.isInteger(mx.preference) || mx.preference < 0 || mx.preference > 65_535) {
    throw new Error(`MX preference ${mx.preference} is not between 0 and 65535`);
  }
  return `${mx.preference} ${mx.exchange}`;
}

export function parseMx(content: string): Mx {
  const match = /^(\d{1,5})\s+(\S+)$/.exec(content);
  const preference = Number(match?.[1]);
  const exchange = match?.[2];
  if (exchange === undefined || preference > 65_535) throw new Error(`"${content}" is no MX record`);
  return { preference, exchange: exchange === "." ? "." : exchange.replace(/\.$/, "").toLowerCase() };
}

export function mxRecord(domain: string, ttl: number, mx: Mx): DnsRecord {
  return {
    role: "mx",
    name: domain,
    type: "MX",
    ttl,
    content: formatMx(mx),
    why: `Mail for ${domain} is delivered to ${mx.exchange}`,
  };
}
