import type { RecordForm } from "../publishers/facts.ts";
import { madeByUp, type Properties, textOf, UNKNOWN } from "./preview.ts";

/** A record as it is published, whoever serves it. */
export interface PreviewedRecord {
  readonly name: string;
  readonly type: string;
  /** In seconds; undefined while its text is not known. */
  readonly ttl: number | undefined;
  /** In the notation of zone files, TXT unquoted. */
  readonly content: string;
}

/** A line of a zone that lists its records: `name ttl type content`. */
export function fromLine(line: unknown): PreviewedRecord | undefined {
  const text = textOf(line);
  if (text === undefined) return undefined;
  const [, name, ttl, type, content] = /^(\S+) (\d+) (\S+) (.*)$/s.exec(text) ?? [];
  if (name === undefined || type === undefined || content === undefined) {
    return { name: "", type: "", ttl: undefined, content: madeByUp };
  }
  return { name, type, ttl: Number(ttl), content };
}

/** The inputs of a resource that is one record. */
export function fromInputs(form: RecordForm, inputs: Properties): PreviewedRecord | undefined {
  const shown = { ...inputs, name: textOf(inputs.name), type: textOf(inputs.type) };
  const record = form.fromInputs(shown);
  const content = form.contentInputs.map((input) => inputs[input]);
  const isKnown = !JSON.stringify(content).includes(UNKNOWN);
  return record && { ...record, content: isKnown ? record.content : madeByUp };
}
