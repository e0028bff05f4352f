/**
 * Records that conflict with each other: where one is ours, another of the same slot is a conflict. Records without
 * a slot, such as the proofs that others keep as TXT, may exist beside any number of others.
 */
import { caaEffect, caaProperty, respellCaa } from "./caa-set.ts";
import { formatDmarc, parseDmarc } from "./dmarc.ts";
import { formatMtaSts, parseMtaSts } from "./mta-sts.ts";
import { formatSpf, parseSpf } from "./spf.ts";
import { formatTlsReporting, parseTlsReporting } from "./tls-rpt.ts";

export type SlotKind =
  | "address"
  | "alias"
  | "mx"
  | "srv"
  | "ptr"
  | "caa"
  | "spf"
  | "dkim"
  | "dmarc"
  | "mta-sts"
  | "tls-rpt";

interface Placed {
  readonly name: string;
  readonly type: string;
  readonly content: string | null;
}

const kindOfType: Readonly<Record<string, SlotKind>> = {
  A: "address",
  AAAA: "address",
  CNAME: "alias",
  MX: "mx",
  SRV: "srv",
  PTR: "ptr",
  CAA: "caa",
};

/** What the first tag of a policy says; a name has one of each at most (RFC 7208, 9989, 8461, 8460). */
const kindOfVersion: Readonly<Record<string, SlotKind>> = {
  spf1: "spf",
  dmarc1: "dmarc",
  stsv1: "mta-sts",
  tlsrptv1: "tls-rpt",
};

export function slotKind({ name, type, content }: Placed): SlotKind | undefined {
  if (type !== "TXT") return kindOfType[type];
  // A selector has one key (RFC 6376 section 3.6.2.2), whether or not its record states its version.
  if (name.includes("._domainkey.")) return "dkim";
  // Also in a spelling that receivers do not read: beside it, another record would hide what somebody meant.
  const version = /^\s*v\s*=\s*(\w+)\s*(?=[\s;]|$)/i.exec(content ?? "")?.[1]?.toLowerCase();
  return version === undefined ? undefined : kindOfVersion[version];
}

/** The same for records of one slot, `undefined` for a record without. */
export function slotOf(record: Placed): string | undefined {
  const kind = slotKind(record);
  if (kind === undefined) return undefined;
  const part = kind === "caa" ? ` ${caaProperty(record.content ?? "")?.tag}` : "";
  return `${record.name} ${record.type} ${kind}${part}`;
}

/**
 * What somebody else's record does where it stands beside ours, whichever tool asks.
 *
 * @param ours - those of ours, to be made or made already; ones of other names and types count for nothing.
 * @returns a sentence's second half; nothing where the two have nothing to do with each other.
 */
export function rivalry(ours: readonly Placed[], other: Placed): string | undefined {
  const kind = slotKind(other);
  if (kind === undefined) return undefined;
  if (kind === "caa") {
    const set = ours.filter(({ name, type }) => name === other.name && type === other.type);
    return caaEffect(
      set.flatMap(({ content }) => content ?? []),
      other.content ?? "",
    );
  }
  const slot = slotOf(other);
  return ours.some((record) => slotOf(record) === slot) ? conflictSentences[kind] : undefined;
}

const spellings: Readonly<Partial<Record<SlotKind, (text: string) => string>>> = {
  spf: (text) => formatSpf(parseSpf(text)),
  dmarc: (text) => formatDmarc(parseDmarc(text)),
  "tls-rpt": (text) => formatTlsReporting(parseTlsReporting(text)),
  "mta-sts": (text) => formatMtaSts(parseMtaSts(text)),
  caa: respellCaa,
};

/** Whether two records of one name and type say the same, in whatever spelling. */
export function saysTheSame(a: Placed, b: Placed): boolean {
  if (a.name !== b.name || a.type !== b.type || a.content === null || b.content === null) return false;
  if (a.content === b.content) return true;
  const kind = slotKind(a);
  const respell = kind === undefined ? undefined : spellings[kind];
  if (respell === undefined || kind !== slotKind(b)) return false;
  try {
    return respell(a.content) === respell(b.content);
  } catch {
    return false;
  }
}

/** The effect of two records in one slot: a sentence's second half. */
export const conflictSentences: Readonly<Record<SlotKind, string>> = {
  address: "clients would reach either server.",
  alias: "a name has one alias.",
  mx: "mail would be delivered to either server.",
  srv: "clients would choose either server.",
  ptr: "the address would have two names.",
  caa: "a set of CAA records allows what any of them allows (RFC 8659 section 4.2).",
  spf: "two policies are an error to receivers (RFC 7208 section 4.5).",
  dkim: "a selector has one key (RFC 6376 section 3.6.2.2).",
  dmarc: "two policies count as none (RFC 9989 section 4.7).",
  "mta-sts": "two records count as none (RFC 8461 section 3.1).",
  "tls-rpt": "two records count as none (RFC 8460 section 3).",
};
