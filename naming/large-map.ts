/**
 * A map or list of very many entries, written as one text: JSON, a line for each entry. The engine walks, logs and stores each
 * value of a map by itself each time it hands the map on, which for ten thousand mailboxes is most of what a preview does;
 * a preview shows the difference of two such texts by their entries all the same.
 */

/** More entries than this are written as one text. */
export const mostEntries = 100;

type Entries = Readonly<Record<string, unknown>>;

/** A map as one text, whose entries keep their order. */
export function textOfMap(map: Entries): string {
  return textOfEntries(Object.entries(map));
}

/** The same of its entries, which are faster to make than a map. */
export function textOfEntries(entries: readonly (readonly [string, unknown])[]): string {
  return lines("{", entries.map(entryText), "}");
}

/** An entry as JSON has it between the braces of a map. */
export function entryText([key, value]: readonly [string, unknown]): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

/** A list as one text. */
export function textOfList(list: readonly unknown[]): string {
  return lines(
    "[",
    list.map((item) => JSON.stringify(item)),
    "]",
  );
}

function lines(open: string, entries: readonly string[], close: string): string {
  return entries.length === 0 ? open + close : `${open}\n${entries.join(",\n")}\n${close}`;
}

/** A map, however it is written; empty for anything else. */
export function mapIn(written: unknown): Entries {
  const value = typeof written === "string" ? parsed(written) : written;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Entries) : {};
}

/** A list, however it is written; anything else is returned unchanged. */
export function listIn(written: unknown): unknown {
  return typeof written === "string" ? (parsed(written) ?? written) : written;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
