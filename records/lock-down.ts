import { formatDkim, revokedKey } from "./dkim.ts";
import { dmarcRecord } from "./dmarc.ts";
import { nullMxRecord } from "./mx.ts";
import type { DnsRecord } from "./record.ts";
import { nobody, spfRecord } from "./spf.ts";

/** A domain that has no mail. */
export interface ParkedDescription {
  /** Lower case, A-labels, no trailing dot. @example "example.net" */
  readonly domain: string;
  /** TTL of every record, in seconds. @example 3600 */
  readonly ttl: number;
  /** Who hears of forged mail in its name. @default nobody @example ["postmaster@example.org"] */
  readonly reportAddresses?: readonly string[] | undefined;
}

/**
 * Records of a domain that has no mail, so that nobody can send in its name: null MX (RFC 7505), SPF `-all`
 * (RFC 7208 section 10.1.2), DMARC `reject` for it and all below it, and every DKIM selector revoked.
 */
export function parkedRecords(
  domain: string,
  ttl: number,
  reportAddresses: readonly string[] = [],
): DnsRecord[] {
  return [
    nullMxRecord("mx", domain, ttl),
    { ...spfRecord(domain, ttl, nobody), why: whyNobody },
    {
      // An asterisk answers for every name that is not there (RFC 4592 section 2.1.1).
      role: "dkim-none",
      name: `*._domainkey.${domain}`,
      type: "TXT",
      ttl,
      content: formatDkim(revokedKey),
      why: "No signature in the domain's name is valid: each key is revoked (DKIM, RFC 6376 3.6.1)",
    },
    dmarcRecord(domain, ttl, { policy: "reject", reportAddresses }),
  ];
}

/** A host that has an address and neither sends nor receives mail in its own name. */
export function silentHostRecords(role: string, host: string, ttl: number): DnsRecord[] {
  return [
    nullMxRecord(`${role}-mx`, host, ttl),
    { ...spfRecord(host, ttl, nobody), role: `${role}-spf`, why: whyNobody },
  ];
}

const whyNobody = "No host may send mail in this name (SPF, RFC 7208 10.1.2)";
