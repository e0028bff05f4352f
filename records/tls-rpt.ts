import type { DnsRecord } from "./record.ts";
import { formatTagList, parseTagList } from "./tag-list.ts";

/**
 * Where others report that they could not deliver over TLS (RFC 8460).
 *
 * @example `v=TLSRPTv1; rua=mailto:postmaster@example.org`
 */
export interface TlsReporting {
  readonly reportAddress: string;
}

export function formatTlsReporting({ reportAddress }: TlsReporting): string {
  return formatTagList([
    ["v", "TLSRPTv1"],
    ["rua", `mailto:${reportAddress}`],
  ]);
}

export function parseTlsReporting(text: string): TlsReporting {
  const tags = parseTagList(text);
  const address = /^mailto:([^,\s]+@[^,\s]+)$/.exec(tags.get("rua") ?? "")?.[1];
  if (tags.get("v") !== "TLSRPTv1" || address === undefined)
    throw new Error(`"${text}" is no TLS-RPT record`);
  return { reportAddress: address };
}

export function tlsReportingRecord(domain: string, ttl: number, reporting: TlsReporting): DnsRecord {
  return {
    role: "tls-rpt",
    name: `_smtp._tls.${domain}`,
    type: "TXT",
    ttl,
    content: formatTlsReporting(reporting),
    why: `Where others report that they could not deliver to ${domain} over TLS (RFC 8460)`,
  };
}
