import { normalizeTarget } from "./name.ts";
import type { DnsRecord } from "./record.ts";

/**
 * A mail exchanger (RFC 5321 section 5.1).
 *
 * @example `10 mail.example.org`
 */
export interface Mx {
  /** 0 to 65535; the lowest is tried first. */
  readonly preference: number;
  /** A host name with an address of its own: never an alias (RFC 5321 section 5.1); `.` for none (RFC 7505). */
  readonly exchange: string;
}

/** Says that a name accepts no mail (RFC 7505 section 3). */
export const nullMx: Mx = { preference: 0, exchange: "." };

export function formatMx({ preference, exchange }: Mx): string {
  if (!Number.isInteger(preference) || preference < 0 || preference > 65_535) {
    throw new Error(`MX preference ${preference} is not between 0 and 65535`);
  }
  if (exchange === "." && preference !== 0) {
    throw new Error(`a null MX has preference 0, not ${preference} (RFC 7505 section 3)`);
  }
  return `${preference} ${normalizeTarget(exchange)}`;
}

export function parseMx(content: string): Mx {
  const match = /^(\d{1,5})\s+(\S+)$/.exec(content);
  const preference = Number(match?.[1]);
  const exchange = match?.[2];
  if (exchange === undefined || preference > 65_535) throw new Error(`"${content}" is not a valid MX record`);
  return { preference, exchange: normalizeTarget(exchange) };
}

/** @param label - distinguishes the exchangers of one domain; the only one, or the main one, has none. */
export function mxRecord(domain: string, ttl: number, mx: Mx, label?: string): DnsRecord {
  return {
    role: label === undefined ? "mx" : `mx-${label}`,
    name: domain,
    type: "MX",
    ttl,
    content: formatMx(mx),
    why: "The server to which others deliver the domain's mail (RFC 5321 5.1)",
  };
}

export function nullMxRecord(role: string, name: string, ttl: number): DnsRecord {
  return {
    role,
    name,
    type: "MX",
    ttl,
    content: formatMx(nullMx),
    why: "Nobody has mail here: others need not try to deliver any (null MX, RFC 7505)",
  };
}
