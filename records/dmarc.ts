import type { DnsRecord } from "./record.ts";
import { formatTagList, parseTagList } from "./tag-list.ts";

export const DmarcPolicy = { none: "none", quarantine: "quarantine", reject: "reject" } as const;
export type DmarcPolicy = (typeof DmarcPolicy)[keyof typeof DmarcPolicy];

/**
 * What receivers do with mail that passes neither SPF nor DKIM in alignment with From
 * (RFC 9989, which replaced RFC 7489: there is no `pct`, `rf` or `ri` any more).
 *
 * @example `v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org`
 */
export interface Dmarc {
  readonly policy: DmarcPolicy;
  /** Where aggregate reports go. */
  readonly reportAddress?: string | undefined;
}

export function formatDmarc(dmarc: Dmarc): string {
  return formatTagList([
    ["v", "DMARC1"],
    ["p", dmarc.policy],
    ["rua", dmarc.reportAddress === undefined ? undefined : `mailto:${dmarc.reportAddress}`],
  ]);
}

export function parseDmarc(text: string): Dmarc {
  if (!/^v=DMARC1\s*(;|$)/.test(text)) throw new Error(`"${text}" is no DMARC record`);
  const tags = parseTagList(text);
  const policy = tags.get("p") ?? "none";
  if (!Object.hasOwn(DmarcPolicy, policy)) throw new Error(`"${policy}" is no DMARC policy`);
  const reportAddress = tags.get("rua")?.replace(/^mailto:/, "");
  return { policy: policy as DmarcPolicy, ...(reportAddress === undefined ? {} : { reportAddress }) };
}

export function dmarcRecord(domain: string, ttl: number, dmarc: Dmarc): DnsRecord {
  return {
    role: "dmarc",
    name: `_dmarc.${domain}`,
    type: "TXT",
    ttl,
    content: formatDmarc(dmarc),
    why: `Says what to do with mail that falsely claims to come from ${domain} (DMARC, RFC 9989)`,
  };
}

/**
 * Lets reports about `domain` come to an address of `reporter`: it lies in the reporter's zone
 * (RFC 9990, `<domain>._report._dmarc.<reporter>`).
 */
export function reportAuthorizationRecord(domain: string, reporter: string, ttl: number): DnsRecord {
  return {
    role: `dmarc-reports-${domain}`,
    name: `${domain}._report._dmarc.${reporter}`,
    type: "TXT",
    ttl,
    content: "v=DMARC1",
    why: `Lets DMARC reports about ${domain} come to ${reporter}`,
  };
}
