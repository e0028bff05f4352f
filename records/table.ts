import type { PublishedRecord } from "./record.ts";
import { formatZoneLine } from "./zone-file.ts";

/** The records of one zone, as others' programs give them back. */
export interface RecordTable {
  readonly name: string;
  readonly records: readonly PublishedRecord[];
  /** What its parent has to publish, where we sign it. */
  readonly ds?: string | null | undefined;
}

/** An instruction as others' programs give it back. */
export interface PublishedInstruction {
  readonly text: string;
  readonly record: PublishedRecord;
}

/** Records for people whose DNS is elsewhere: a Markdown table a zone, with the reason for each record. */
export function renderRecordTables(
  tables: readonly RecordTable[],
  instructions: readonly PublishedInstruction[] = [],
): string {
  const sections = tables.map(({ name, records }) => `## ${name}\n\n${renderRows(records)}`);
  if (instructions.length > 0) {
    const asks = instructions.map(({ text, record }) => `${text}:\n\n${renderRows([record])}`);
    sections.push(`## What others have to publish\n\n${asks.join("\n")}`);
  }
  return sections.join("\n");
}

/** The same as lines of a zone file, each with its reason; whoever holds the zone adds SOA and NS. */
export function renderRecordLines(
  tables: readonly RecordTable[],
  instructions: readonly PublishedInstruction[] = [],
): string {
  const line = (record: PublishedRecord): string => `${formatZoneLine(record, { comments: true })}\n`;
  const sections = tables.map(({ name, records }) => `; ${name}\n${records.map(line).join("")}`);
  // Others' zones: commented out, so that the rest loads unchanged.
  const asks = instructions.map(({ text, record }) => `; ${text}:\n; ${formatZoneLine(record)}\n`);
  return [...sections, ...asks].join("\n");
}

/** The same for programs. */
export function renderRecordJson(
  tables: readonly RecordTable[],
  instructions: readonly PublishedInstruction[] = [],
): string {
  const asks = instructions.map(({ text, record: { name, type, ttl, content, why } }) => ({
    text,
    record: { name, type, ttl, content, why },
  }));
  return `${JSON.stringify({ zones: tables, instructions: asks }, undefined, 2)}\n`;
}

function renderRows(records: readonly PublishedRecord[]): string {
  const rows = records.map(({ name, type, ttl, content, why }) => {
    const cells = [code(name), type, String(ttl), code(content), why];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  });
  return ["| name | type | TTL | content | why |\n", "|---|---|---|---|---|\n", ...rows].join("");
}

function code(text: string): string {
  return `\`${text}\``;
}
