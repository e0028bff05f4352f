import { domainOf } from "./mail-address.ts";
import { formatMailto, parseMailto } from "./mailto.ts";
import { isWithin } from "./name.ts";
import type { DnsRecord } from "./record.ts";
import { formatTagList, parseTagList } from "./tag-list.ts";

/** What receivers do with mail that fails; in this order a domain becomes stricter. */
export const DmarcPolicy = { none: "none", quarantine: "quarantine", reject: "reject" } as const;
export type DmarcPolicy = (typeof DmarcPolicy)[keyof typeof DmarcPolicy];

/** How near the domain of SPF or DKIM must be to the one in From (RFC 9989 section 4.7: `r` and `s`). */
export const Alignment = { relaxed: "r", strict: "s" } as const;
export type Alignment = keyof typeof Alignment;

/**
 * What receivers do with mail that passes neither SPF nor DKIM in alignment with From
 * (RFC 9989, which replaced RFC 7489: `pct`, `rf` and `ri` no longer exist).
 *
 * @example `v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org`
 */
export interface Dmarc {
  readonly policy: DmarcPolicy;
  /** For names below the domain. @default the same */
  readonly subdomainPolicy?: DmarcPolicy | undefined;
  /** For names below the domain that do not exist. @default the subdomains' policy */
  readonly nonexistentPolicy?: DmarcPolicy | undefined;
  /** @default "relaxed" */
  readonly dkimAlignment?: Alignment | undefined;
  /** @default "relaxed" */
  readonly spfAlignment?: Alignment | undefined;
  /** Asks receivers for one step less than the policy says, while it is tried out (`t=y`). @default false */
  readonly testing?: boolean | undefined;
  /** Where aggregate reports are sent. @default nowhere */
  readonly reportAddresses?: readonly string[] | undefined;
}

export function formatDmarc(dmarc: Dmarc): string {
  const addresses = dmarc.reportAddresses ?? [];
  return formatTagList([
    ["v", "DMARC1"],
    ["p", dmarc.policy],
    ["sp", dmarc.subdomainPolicy],
    ["np", dmarc.nonexistentPolicy],
    ["adkim", dmarc.dkimAlignment && Alignment[dmarc.dkimAlignment]],
    ["aspf", dmarc.spfAlignment && Alignment[dmarc.spfAlignment]],
    ["t", dmarc.testing === true ? "y" : undefined],
    ["rua", addresses.length === 0 ? undefined : addresses.map(formatMailto).join(",")],
  ]);
}

/** Tags that are unknown, or that RFC 9989 took away, are ignored as receivers do (section 4.7). */
export function parseDmarc(text: string): Dmarc {
  // The version comes first, in capitals: otherwise the record is none (section 4.7).
  if (!/^v\s*=\s*DMARC1\s*(;|$)/.test(text)) throw new Error(`"${text}" is not a valid DMARC record`);
  const tags = parseTagList(text);
  const subdomainPolicy = parsePolicy(tags.get("sp"));
  const nonexistentPolicy = parsePolicy(tags.get("np"));
  const dkimAlignment = parseAlignment(tags.get("adkim"));
  const spfAlignment = parseAlignment(tags.get("aspf"));
  const reports = tags.get("rua")?.split(",").map(parseMailto);
  return {
    policy: parsePolicy(tags.get("p")) ?? "none",
    ...(subdomainPolicy && { subdomainPolicy }),
    ...(nonexistentPolicy && { nonexistentPolicy }),
    ...(dkimAlignment && { dkimAlignment }),
    ...(spfAlignment && { spfAlignment }),
    ...(tags.get("t")?.toLowerCase() === "y" && { testing: true }),
    ...(reports && { reportAddresses: reports }),
  };
}

export function dmarcRecord(domain: string, ttl: number, dmarc: Dmarc): DnsRecord {
  return {
    role: "dmarc",
    name: `_dmarc.${domain}`,
    type: "TXT",
    ttl,
    content: formatDmarc(dmarc),
    why: "What others do with mail that falsely claims to come from here (DMARC, RFC 9989)",
  };
}

/**
 * Domains whose zone has to allow the reports about `domain` (RFC 9990 section 4). One above or below it has the
 * same organizational domain, and need not.
 */
export function reportReceivers(domain: string, { reportAddresses = [] }: Dmarc): string[] {
  const receivers = reportAddresses.map(domainOf);
  return [...new Set(receivers)].filter((other) => !isWithin(other, domain) && !isWithin(domain, other));
}

/**
 * Allows reports about `domain` to be sent to an address of `receiver`: it is in the receiver's zone
 * (RFC 9990 section 4, `<domain>._report._dmarc.<receiver>`).
 */
export function reportAuthorizationRecord(domain: string, receiver: string, ttl: number): DnsRecord {
  return {
    role: `dmarc-reports-${domain}`,
    name: `${domain}._report._dmarc.${receiver}`,
    type: "TXT",
    ttl,
    content: "v=DMARC1",
    why: "Lets DMARC reports about another domain come to an address of this one (RFC 9990 4)",
  };
}

function parsePolicy(value: string | undefined): DmarcPolicy | undefined {
  const policy = value?.toLowerCase();
  if (policy === undefined) return undefined;
  if (!Object.hasOwn(DmarcPolicy, policy)) throw new Error(`"${value}" is not a DMARC policy`);
  return policy as DmarcPolicy;
}

function parseAlignment(value: string | undefined): Alignment | undefined {
  if (value === undefined) return undefined;
  const alignment = Object.entries(Alignment).find(([, letter]) => letter === value.toLowerCase())?.[0];
  if (alignment === undefined) throw new Error(`"${value}" is not a DMARC alignment: use r or s`);
  return alignment as Alignment;
}
