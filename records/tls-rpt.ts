import { FormError } from "./form-error.ts";
import { formatMailto, parseMailto } from "./mailto.ts";
import type { DnsRecord } from "./record.ts";
import { formatTagList, parseTagList } from "./tag-list.ts";

/**
 * Where others report how delivery over TLS went (RFC 8460 section 3): at least one of the two.
 *
 * @example `v=TLSRPTv1; rua=mailto:postmaster@example.org`
 */
export interface TlsReporting {
  /** Addresses to which reports are mailed. @example ["postmaster@example.org"] */
  readonly reportAddresses: readonly string[];
  /** Addresses to which reports are posted. @default none @example ["https://reports.example.net/v1"] */
  readonly endpoints?: readonly string[] | undefined;
}

export function formatTlsReporting({ reportAddresses, endpoints = [] }: TlsReporting): string {
  const uris = [...reportAddresses.map(formatMailto), ...endpoints.map(checkEndpoint)];
  if (uris.length === 0) throw new Error("a TLS-RPT record names at least one address (RFC 8460 section 3)");
  return formatTagList([
    ["v", "TLSRPTv1"],
    ["rua", uris.join(",")],
  ]);
}

/** Whether a text is a TLS-RPT record at all: others discard what does not begin so (RFC 8460 section 3). */
export function isTlsReporting(text: string): boolean {
  return /^v=TLSRPTv1[ \t]*;/.test(text);
}

/** @throws FormError for what keeps reports from arriving. */
export function parseTlsReporting(text: string): TlsReporting {
  if (!isTlsReporting(text))
    throw new FormError(
      `"${text}" is not a valid TLS-RPT record`,
      "begin it with v=TLSRPTv1; in this case, without white space, and write rua=mailto:… after it",
    );
  const rua = parseTagList(text).get("rua");
  if (rua === undefined)
    throw new FormError(`"${text}" has no rua=`, "write rua=mailto: and the address for reports");
  const uris = rua.split(",").map((uri) => uri.trim());
  const endpoints = uris.filter((uri) => uri.startsWith("https:")).map(checkEndpoint);
  const reportAddresses = uris.filter((uri) => !uri.startsWith("https:")).map((uri) => parseMailto(uri));
  return { reportAddresses, ...(endpoints.length === 0 ? {} : { endpoints }) };
}

/** @param role - `tls-rpt` of a domain; a server's own name has another. */
export function tlsReportingRecord(
  name: string,
  ttl: number,
  reporting: TlsReporting,
  role = "tls-rpt",
): DnsRecord {
  return {
    role,
    name: `_smtp._tls.${name}`,
    type: "TXT",
    ttl,
    content: formatTlsReporting(reporting),
    why: "Where others report that they could not deliver over TLS (TLS-RPT, RFC 8460)",
  };
}

function checkEndpoint(endpoint: string): string {
  // The list's own separators have to be percent-encoded inside a URI (RFC 8460 section 3).
  if (!URL.canParse(endpoint) || !/^https:\/\/[^\s,;!]+$/.test(endpoint)) {
    throw new FormError(
      `"${endpoint}" takes no TLS reports`,
      'write an https:// URL without commas, semicolons and "!"',
    );
  }
  return endpoint;
}
