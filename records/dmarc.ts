import { FormError } from "./form-error.ts";
import { domainOf } from "./mail-address.ts";
import { formatMailto, parseMailto } from "./mailto.ts";
import type { DnsRecord } from "./record.ts";
import { formatTagList, readTagList } from "./tag-list.ts";

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
  /** What receivers do with mail that fails the check. */
  readonly policy: DmarcPolicy;
  /** For names below the domain. @default the same */
  readonly subdomainPolicy?: DmarcPolicy | undefined;
  /** For names below the domain that do not exist. @default the subdomains' policy */
  readonly nonexistentPolicy?: DmarcPolicy | undefined;
  /** Whether a signature by a domain above or below counts. @default "relaxed" */
  readonly dkimAlignment?: Alignment | undefined;
  /** Whether a sender in a domain above or below counts. @default "relaxed" */
  readonly spfAlignment?: Alignment | undefined;
  /** Asks receivers for one step less than the policy says, while it is tried out (`t=y`). @default false */
  readonly testing?: boolean | undefined;
  /** Where aggregate reports are sent. @default nowhere @example ["postmaster@example.org"] */
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

/** A record as receivers read it: what is wrong with it takes nothing else away. */
export interface DmarcReading {
  readonly dmarc: Dmarc;
  /** Whether it states a policy (`p`); one without is there for its reports. */
  readonly statesPolicy: boolean;
  /** Whether the domain is a public suffix, `y`, or the topmost of its organization, `n` (RFC 9989 section 4.7). */
  readonly publicSuffix: "y" | "n" | "u";
  /** Where reports of single failures are to be sent (`ruf`, RFC 9991), which no setting here asks for. */
  readonly failureReports: { readonly addresses: readonly string[]; readonly problems: readonly FormError[] };
  readonly problems: readonly FormError[];
}

/**
 * Whether a text is a DMARC record at all: the version comes first, in capitals, with white space around its `=` if
 * need be. Others are not there for receivers (RFC 9989 sections 4.7 and 4.10).
 */
export function isDmarc(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text.replace(/^V/, "v"));
}

/**
 * Reads a record that somebody has published. Tags that are unknown, or that RFC 9989 took away, are ignored as
 * receivers do (section 4.7).
 *
 * @returns nothing for a text that is not a DMARC record
 */
export function readDmarc(text: string): DmarcReading | undefined {
  if (!isDmarc(text)) return undefined;
  const { tags, problems: inList } = readTagList(text);
  const problems = [...inList, ...[...tags.keys()].slice(1).flatMap(caseProblem)];
  const value = <Value>(tag: string, parse: (text: string) => Value): Value | undefined => {
    const found = tags.get(tag);
    try {
      return found === undefined ? undefined : parse(found);
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const policy = value("p", parsePolicy);
  const subdomainPolicy = value("sp", parsePolicy);
  const nonexistentPolicy = value("np", parsePolicy);
  const dkimAlignment = value("adkim", parseAlignment);
  const spfAlignment = value("aspf", parseAlignment);
  const testing = value("t", (text) => choice("t", text, ["y", "n"] as const)) === "y";
  const publicSuffix = value("psd", (text) => choice("psd", text, ["y", "n", "u"] as const)) ?? "u";
  const receivers = (tag: string, found: FormError[]) =>
    tags
      .get(tag)
      ?.split(",")
      .flatMap((uri) => readReceiver(uri, tag, found));
  const reports = receivers("rua", problems);
  const inFailureReports: FormError[] = [];
  const failureAddresses = receivers("ruf", inFailureReports) ?? [];
  return {
    dmarc: {
      policy: policy ?? "none",
      ...(subdomainPolicy && { subdomainPolicy }),
      ...(nonexistentPolicy && { nonexistentPolicy }),
      ...(dkimAlignment && { dkimAlignment }),
      ...(spfAlignment && { spfAlignment }),
      ...(testing && { testing }),
      ...(reports && { reportAddresses: reports }),
    },
    statesPolicy: policy !== undefined,
    publicSuffix,
    failureReports: { addresses: failureAddresses, problems: inFailureReports },
    problems,
  };
}

/**
 * Reads a record that has to be right.
 *
 * @throws FormError for anything that receivers ignore or misread.
 */
export function parseDmarc(text: string): Dmarc {
  const reading = readDmarc(text);
  if (reading === undefined) {
    throw new FormError(
      `"${text}" is not a valid DMARC record`,
      "begin it with v=DMARC1, in capitals (RFC 9989 section 4.7)",
    );
  }
  const [problem] = reading.problems;
  if (problem !== undefined) throw problem;
  return reading.dmarc;
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
 * Domains that have to allow the reports about `domain`: those of other organizations (RFC 9990 section 4).
 *
 * @param isSameOrganization - whether another domain has the same organizational domain (RFC 9989 section 4.10.2),
 *   which the DNS says.
 */
export function reportReceivers(
  { reportAddresses = [] }: Partial<Dmarc>,
  isSameOrganization: (receiver: string) => boolean,
): string[] {
  return [...new Set(reportAddresses.map(domainOf))].filter((receiver) => !isSameOrganization(receiver));
}

const AUTHORIZATION = "._report._dmarc.";

/** The domain and the receiver in the name of a {@link reportAuthorizationRecord}; undefined for any other name. */
export function parseReportAuthorization(name: string): { domain: string; receiver: string } | undefined {
  const [domain, receiver] = name.split(AUTHORIZATION);
  return domain === undefined || receiver === undefined ? undefined : { domain, receiver };
}

/**
 * Allows reports about `domain` to be sent to an address of `receiver`: it is in the receiver's zone
 * (RFC 9990 section 4, `<domain>._report._dmarc.<receiver>`).
 */
export function reportAuthorizationRecord(domain: string, receiver: string, ttl: number): DnsRecord {
  return {
    role: `dmarc-reports-${domain}`,
    name: `${domain}${AUTHORIZATION}${receiver}`,
    type: "TXT",
    ttl,
    content: "v=DMARC1",
    why: "Lets DMARC reports about another domain come to an address of this one (RFC 9990 4)",
  };
}

/** Tags that RFC 9989 knows (section 9.3), those of former times included. */
const knownTags = new Set("v p sp np adkim aspf fo rua ruf rf ri pct t psd".split(" "));

/** The case of a tag counts (RFC 6376 section 3.2), though not every receiver looks at it. */
function caseProblem(tag: string): FormError[] {
  const lower = tag.toLowerCase();
  if (tag === lower || !knownTags.has(lower)) return [];
  return [
    new FormError(
      `the tag "${tag}" has capitals`,
      `write ${lower}=…, since receivers may ignore another case (RFC 6376 section 3.2)`,
    ),
  ];
}

function readReceiver(uri: string, tag: string, problems: FormError[]): string[] {
  try {
    return [parseMailto(uri, tag)];
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    problems.push(error);
    return [];
  }
}

function parsePolicy(value: string): DmarcPolicy {
  const policy = value.toLowerCase();
  if (!Object.hasOwn(DmarcPolicy, policy))
    throw new FormError(`"${value}" is not a DMARC policy`, "use none, quarantine or reject");
  return policy as DmarcPolicy;
}

function parseAlignment(value: string): Alignment {
  const alignment = Object.entries(Alignment).find(([, letter]) => letter === value.toLowerCase())?.[0];
  if (alignment === undefined) throw new FormError(`"${value}" is not a DMARC alignment`, "use r or s");
  return alignment as Alignment;
}

function choice<Value extends string>(tag: string, value: string, values: readonly Value[]): Value {
  const chosen = values.find((one) => one === value.toLowerCase());
  if (chosen === undefined)
    throw new FormError(`"${value}" is not a value of the tag ${tag}`, `use ${values.join(" or ")}`);
  return chosen;
}
