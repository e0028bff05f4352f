/** A Postfix table's source text as postmap(1) reads it. */
import { normalizeAddress } from "../records/index.ts";
import { linesOf, type Placed, type Report, type SourceFolder } from "./source.ts";

/** The right-hand sides by key. */
export type Table = ReadonlyMap<string, Placed<string>>;

/** Of several lines for one key the first counts; the others are reported, and so are lines that are none. */
export function readTable(file: string, folder: SourceFolder, report: Report): Table {
  const table = new Map<string, Placed<string>>();
  for (const { place, value: line } of logicalLines(file, folder, report)) {
    const [, quoted, plain = "", value = ""] = /^(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*(.*)$/s.exec(line) ?? [];
    const key = normalizeAddress(quoted?.replaceAll(/\\(.)/gs, "$1") ?? plain);
    const first = table.get(key);
    if (value === "") report(place, `"${key}" has no target`);
    else if (first === undefined) table.set(key, { place, value });
    else report(place, `"${key}" has a line already, at ${first.place}: Postfix ignores this one`);
  }
  return table;
}

/** A line that starts with white space continues the one before it; comments and empty lines may stand between. */
function logicalLines(file: string, folder: SourceFolder, report: Report): Placed<string>[] {
  const joined: { place: string; value: string }[] = [];
  for (const { place, value } of linesOf(file, folder)) {
    const last = joined.at(-1);
    if (!/^\s/.test(value)) joined.push({ place, value: value.trimEnd() });
    else if (last !== undefined) last.value = `${last.value} ${value.trim()}`;
    else report(place, "starts with white space, but continues nothing: Postfix ignores it");
  }
  return joined;
}

/** The addresses of a right-hand side, which commas and white space separate; each once. */
export function addressesIn(value: string): string[] {
  const words = value.match(/(?:"(?:[^"\\]|\\.)*"|[^\s,"])+/g) ?? [];
  return [...new Set(words.map((word) => normalizeAddress(word.replace(/^<(.*)>$/, "$1"))))];
}
