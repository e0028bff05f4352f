import type { PublishedRecord } from "./record.ts";
import { formatZoneLine } from "./zone-file.ts";

/** A domain's records for people whose DNS is elsewhere: a Markdown table with the reason for each. */
export function renderRecordTable(domain: string, records: readonly PublishedRecord[]): string {
  const rows = records.map(({ name, type, ttl, content, why }) =>
    [code(name), type, String(ttl), code(content), why]
      .map((cell) => cell.replaceAll("|", "\\|"))
      .join(" | "),
  );
  return [
    `## ${domain}`,
    "",
    "| name | type | TTL | content | why |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}

/** The same as lines of a zone file, each below its reason; whoever holds the zone adds SOA and NS. */
export function renderRecordLines(domain: string, records: readonly PublishedRecord[]): string {
  const lines = records.map((record) => `; ${record.why}\n${formatZoneLine(record)}`);
  return [`; ${domain}`, ...lines, ""].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
