/**
 * Records that conflict with each other: where one is ours, another of the same slot is a conflict. Records without
 * a slot, such as the proofs that others keep as TXT, may exist beside any number of others.
 */
import {
  formatDmarc,
  formatSpf,
  formatTlsReporting,
  parseDmarc,
  parseSpf,
  parseTlsReporting,
} from "../records/index.ts";

export type SlotKind =
  | "address"
  | "alias"
  | "mx"
  | "srv"
  | "ptr"
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
  const version = /^v=(\w+)(?=[ ;]|$)/i.exec(content ?? "")?.[1]?.toLowerCase();
  return version === undefined ? undefined : kindOfVersion[version];
}

/** The same for records of one slot, `undefined` for a record without. */
export function slotOf(record: Placed): string | undefined {
  const kind = slotKind(record);
  return kind === undefined ? undefined : `${record.name} ${record.type} ${kind}`;
}

const spellings: Readonly<Partial<Record<SlotKind, (text: string) => string>>> = {
  spf: (text) => formatSpf(parseSpf(text)),
  dmarc: (text) => formatDmarc(parseDmarc(text)),
  "tls-rpt": (text) => formatTlsReporting(parseTlsReporting(text)),
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
