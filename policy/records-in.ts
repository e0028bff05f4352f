import type { PreviewForm, RecordForm } from "../publishers/facts.ts";
import { publisherFacts } from "../publishers/list.ts";
import { known } from "./known.ts";

/** A record as a policy sees it, whoever publishes it. */
export interface PolicyRecord {
  readonly name: string;
  readonly type: string;
  /** A TXT record's strings are joined. */
  readonly content: string;
}

const forms: readonly PreviewForm[] = publisherFacts.map(({ form }) => form);

/** How the resource of a single record is to be read; nothing where the type is another. */
export function recordFormOf(type: string): RecordForm | undefined {
  return forms
    .filter((form) => form.kind === "record")
    .find(({ recordType, formerRecordTypes = [] }) => [recordType, ...formerRecordTypes].includes(type));
}

/** The records of a resource: a single one, or a whole zone. What is unknown is left out. */
export function recordsIn(type: string, props: Readonly<Record<string, unknown>>): PolicyRecord[] {
  const zone = forms.filter((form) => form.kind === "zone").find(({ zoneType }) => zoneType === type);
  if (zone !== undefined) {
    const lines = (props[zone.lines] ?? {}) as Readonly<Record<string, unknown>>;
    return Object.keys(lines).flatMap((key) => parseLine(known(() => lines[key])) ?? []);
  }
  const form = recordFormOf(type);
  if (form === undefined) return [];
  const record = known(() => form.fromInputs(props));
  return record === undefined ? [] : [{ ...record, name: canonical(record.name) }];
}

/** `name ttl type content`, as a local zone lists them. */
function parseLine(line: unknown): PolicyRecord | undefined {
  if (typeof line !== "string") return undefined;
  const [, name, type, content] = /^(\S+) \d+ (\S+) (.*)$/s.exec(line) ?? [];
  if (name === undefined || type === undefined || content === undefined) return undefined;
  return { name: canonical(name), type, content };
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
