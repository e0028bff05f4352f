import type { PublisherFacts, ZoneForm } from "../publishers/facts.ts";
import { publisherFacts } from "../publishers/list.ts";
import { readDmarc } from "../records/dmarc.ts";
import { slotKind } from "../records/slot.ts";
import { isSpf, parseSpf, spfLookups } from "../records/spf.ts";
import type { Change, Risk } from "./change.ts";
import type { ForeignRecords } from "./foreign-records.ts";
import { compare, isRemoved, type Properties, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";
import { fromInputs, fromLine, type PreviewedRecord } from "./previewed-record.ts";

/**
 * The records of all zones, whoever serves them.
 *
 * @param foreign - what others have put where ours belong
 */
export function reviewRecords(steps: readonly Step[], foreign: ForeignRecords): Change[] {
  return publisherFacts.flatMap(({ form, title }: PublisherFacts) =>
    form.kind === "zone"
      ? stepsOf(steps, form.zoneType).flatMap((step) => reviewZone(form, step))
      : stepsOf(steps, form.recordType).flatMap(({ name, before, after }) => {
          const [old, next] = [fromInputs(form, before), fromInputs(form, after)];
          const zone = foreign.zoneOf(next?.name ?? old?.name ?? "");
          return reviewRecord(name, old, next, zone, foreign.riskOf(old, next, title));
        }),
  );
}

function reviewZone({ lines }: ZoneForm, step: Step): Change[] {
  const [before, after] = [propertiesOf(step.before[lines]), propertiesOf(step.after[lines])];
  const zone = textOf(step.after.domain) ?? textOf(step.before.domain) ?? step.name;
  const count = (records: Properties) => `${Object.keys(records).length} records`;
  const list = (records: Properties) =>
    Object.entries(records).map(([role, line]) => {
      const { name, type, content } = fromLine(line) ?? { name: "", type: "", content: "" };
      return name === "" ? `${nameOfRole(role, zone)} ${content}` : `${name} ${type} ${content}`;
    });
  // A zone added or removed as a whole is one change: `npm run records` lists its records.
  if (step.operation === "create") {
    return [
      { subject: "record", kind: "added", name: `zone ${zone}`, after: count(after), parts: list(after) },
    ];
  }
  if (isRemoved(step)) {
    const effect =
      "The stack's name server no longer answers for this domain; if it was the only one, nothing in it resolves.";
    return [
      {
        subject: "record",
        kind: "removed",
        name: `zone ${zone}`,
        before: count(before),
        parts: list(before),
        effect,
      },
    ];
  }
  const several = namesWithSeveral(before, after);
  return compare(
    indexRecords(before, before, zone, several),
    indexRecords(after, before, zone, several),
  ).flatMap((pair) => reviewRecord(pair.key, pair.before, pair.after, zone));
}

/**
 * A zone's records by name, type and purpose. Not by role: the role changes with the host when the host's name
 * changes, and others know a record by its name.
 *
 * @param former - the same zone before; it knows the name of a record whose text is still to be made
 */
function indexRecords(
  lines: Properties,
  former: Properties,
  zone: string,
  several: ReadonlySet<string>,
): Readonly<Record<string, PreviewedRecord>> {
  const entries = Object.entries(lines).flatMap(([role, line]): [string, PreviewedRecord][] => {
    const record = fromLine(line);
    if (record === undefined) return [];
    if (record.name !== "") return [[recordKey(record, several), record]];
    const known = fromLine(former[role]);
    return known === undefined
      ? [[nameOfRole(role, zone), record]]
      : [[recordKey(known, several), { ...record, name: known.name }]];
  });
  return Object.fromEntries(entries);
}

/** The name and type of a record whose text is still to be made: of those, the plan knows keys alone. */
function nameOfRole(role: string, zone: string): string {
  const [, domain = zone, selector] = /^(?:(.+)-)?dkim-(.+)$/.exec(role) ?? [];
  if (selector !== undefined) return `${selector}._domainkey.${domain} TXT`;
  const [, host = zone, port, key] = /^(?:(.+)-)?tlsa-(\d+)-(.+)$/.exec(role) ?? [];
  return port === undefined ? `${role} of ${zone}` : `_${port}._tcp.${host} TLSA of ${key}`;
}

/** Names that have several records of one type, before or after: an address that leads to several names (PTR), or two MX. */
function namesWithSeveral(...zones: readonly Properties[]): ReadonlySet<string> {
  return new Set(
    zones.flatMap((lines) => {
      const owners = Object.values(lines).flatMap((line) => {
        const record = fromLine(line);
        return record === undefined || record.type === "TXT" ? [] : [ownerOf(record)];
      });
      return owners.filter((owner, index) => owners.indexOf(owner) !== index);
    }),
  );
}

function ownerOf({ name, type }: PreviewedRecord): string {
  return `${name} ${type}`;
}

/** TXT records of one name differ in their first word (`v=spf1`); others of one type by what they say. */
function recordKey(record: PreviewedRecord, several: ReadonlySet<string>): string {
  const { name, type, content } = record;
  const severalOfAType = type === "CAA" || type === "TLSA" || several.has(ownerOf(record));
  const purpose = type === "TXT" ? purposeOf(name, content) : severalOfAType ? content : "";
  return `${name} ${type} ${purpose}`;
}

/** However a policy spells its version. */
function purposeOf(name: string, content: string): string {
  return slotKind({ name, type: "TXT", content }) ?? /^[^ ;]*/.exec(content)?.[0] ?? "";
}

function reviewRecord(
  role: string,
  before: PreviewedRecord | undefined,
  after: PreviewedRecord | undefined,
  zone: string | undefined,
  rival?: Risk,
): Change[] {
  if (before?.content === after?.content && before?.ttl === after?.ttl && before?.name === after?.name)
    return [];
  const known = [after, before].find((record) => record !== undefined && record.type !== "");
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const times = ttlChange(before, after);
  return [
    {
      subject: "record",
      kind,
      name: known === undefined ? role : `${known.name} ${known.type}`,
      group: zone,
      ...(times ?? { before: before && describe(before), after: after && describe(after) }),
      effect:
        before?.ttl === undefined
          ? undefined
          : `Others may see the old one until ${formatSeconds(before.ttl)} after \`up\`.`,
      risk: rival ?? recordRisk(before, after),
    },
  ];
}

/** Where nothing but the time changes for which others keep it. */
function ttlChange(before: PreviewedRecord | undefined, after: PreviewedRecord | undefined) {
  if (before?.ttl === undefined || after?.ttl === undefined || before.ttl === after.ttl) return undefined;
  if (before.content !== after.content || before.name !== after.name) return undefined;
  return { property: "TTL", before: formatSeconds(before.ttl), after: formatSeconds(after.ttl) };
}

function describe({ content, ttl }: PreviewedRecord): string {
  return ttl === undefined ? content : `${content} (TTL ${formatSeconds(ttl)})`;
}

function recordRisk(
  before: PreviewedRecord | undefined,
  after: PreviewedRecord | undefined,
): Risk | undefined {
  return spfRisk(after) ?? dmarcRisk(before, after) ?? mxRisk(before, after);
}

function spfRisk(after: PreviewedRecord | undefined): Risk | undefined {
  const spf =
    after !== undefined && isSpf(after.content) ? attempt(() => parseSpf(after.content)) : undefined;
  if (spf === undefined) return undefined;
  const own = spfLookups(spf);
  const included = spf.mechanisms.filter(({ name }) => name === "include").length;
  // Each included policy has at least its own terms to look at; how many it looks up is not in the preview.
  if (own <= 10) return undefined;
  return {
    id: "spf-lookups",
    reason: `It needs ${own} look-ups by itself, ${included} of them policies with more; receivers stop at 10 and consider no SPF valid (RFC 7208 section 4.6.4).`,
  };
}

const strictness = ["none", "quarantine", "reject"];

function dmarcRisk(
  before: PreviewedRecord | undefined,
  after: PreviewedRecord | undefined,
): Risk | undefined {
  const [old, next] = [policyOf(before), policyOf(after)];
  if (before !== undefined && old === undefined) return undefined;
  if (old === undefined || old === next) return undefined;
  if (next === undefined || strictness.indexOf(next) < strictness.indexOf(old)) {
    const now = next ?? "nothing";
    return { id: "dmarc-weaker", reason: `Receivers let more forged mail through: ${old} → ${now}.` };
  }
  return {
    id: "dmarc-stricter",
    reason: `Receivers ${next} mail of senders that neither SPF nor DKIM covers: check that the reports name none of your own.`,
  };
}

function policyOf(record: PreviewedRecord | undefined): string | undefined {
  // Not so the records that let reports come (RFC 9990): they have no policy.
  return record?.name.startsWith("_dmarc.") ? readDmarc(record.content)?.dmarc.policy : undefined;
}

function mxRisk(before: PreviewedRecord | undefined, after: PreviewedRecord | undefined): Risk | undefined {
  if (before?.type !== "MX" || before.content === after?.content || before.content.endsWith(" ."))
    return undefined;
  return {
    id: "mx-changed",
    reason: `Until the old record has expired, others deliver to ${before.content.split(" ").at(-1)}: it must keep accepting mail.`,
  };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // A record of somebody else's making that cannot be read has no risk that could be named.
    return undefined;
  }
}

/** @internal In the largest unit that gives a whole number. @example "1 h" */
export function formatSeconds(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
