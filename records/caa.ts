import type { DnsRecord } from "./record.ts";

/**
 * Which authority may issue certificates for a name and all below it (RFC 8659).
 *
 * @example `0 issue "letsencrypt.org"`
 */
export interface Caa {
  /** 128: an authority that does not know the tag must not issue (section 4.1). */
  readonly flags: 0 | 128;
  readonly tag: "issue" | "issuewild" | "iodef";
  /** The authority's domain, with parameters such as `accounturi` (RFC 8657); `;` forbids all. */
  readonly value: string;
}

export function formatCaa({ flags, tag, value }: Caa): string {
  if (!/^[ !#-~]*$/.test(value)) throw new Error(`"${value}" cannot be a CAA value: ASCII without quotes`);
  return `${flags} ${tag} "${value}"`;
}

export function parseCaa(content: string): Caa {
  const [, flags, tag, value] = /^(0|128)\s+(issue|issuewild|iodef)\s+"([ !#-~]*)"$/.exec(content) ?? [];
  if (value === undefined) throw new Error(`"${content}" is no CAA record that is known here`);
  return { flags: flags === "128" ? 128 : 0, tag: tag as Caa["tag"], value };
}

/** One record an issuer; the role is the issuer's domain, since the set is not ordered. */
export function caaRecords(domain: string, ttl: number, issuers: readonly string[]): DnsRecord[] {
  return issuers.map((issuer) => ({
    role: `caa-${issuer.split(";")[0]?.trim() || "none"}`,
    name: domain,
    type: "CAA",
    ttl,
    content: formatCaa({ flags: 0, tag: "issue", value: issuer }),
    why: `Only ${issuer} may issue certificates for ${domain} (CAA, RFC 8659)`,
  }));
}
