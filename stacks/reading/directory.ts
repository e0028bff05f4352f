/**
 * Mailboxes in a file of their own: rows of CSV or a list of JSON, with the same keys as `mailboxes` in
 * the stack file. They are put there before the settings are checked, so that one schema knows all of them.
 */
import { CsvError, parse } from "csv-parse/sync";
import * as z from "zod";
import { unknownKey } from "../schema/fields.ts";
import { mailboxSchema } from "../schema/mailbox.ts";

/** A mailbox as written, not checked yet, and its place for people. */
export interface DirectoryEntry {
  readonly value: unknown;
  /** @example "users.csv:12" @example "users.json[3]" */
  readonly origin: string;
}

/** Something that keeps a file from being read at all, or a row of it. */
export interface DirectoryProblem {
  readonly origin: string;
  readonly message: string;
}

export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  readonly problems: readonly DirectoryProblem[];
}

/** What a server is meant for twice over; each hash takes Argon2 about 20 ms at the first `up`. */
export const maxEntries = 20_000;
/** Far more than that many rows need; a file of another kind is refused before it is read. */
export const maxBytes = 64 * 2 ** 20;

/**
 * Reads a directory's file.
 *
 * @param file - how people know it; its extension gives the format.
 * @param plainPasswords - whether it may hold passwords, as only a lab's may.
 */
export function parseDirectory(file: string, bytes: Uint8Array, plainPasswords: boolean): Directory {
  const decoded = decode(file, bytes);
  if (typeof decoded !== "string") return { entries: [], problems: [decoded] };
  const directory = file.endsWith(".json") ? parseJson(file, decoded) : parseCsv(file, decoded);
  return plainPasswords ? directory : refusePasswords(directory);
}

function decode(file: string, bytes: Uint8Array): string | DirectoryProblem {
  if (bytes.length > maxBytes) {
    return {
      origin: file,
      message: `is larger than ${maxBytes / 2 ** 20} MiB: it cannot be a list of mailboxes`,
    };
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { origin: file, message: 'is written in UTF-16: save it as "CSV UTF-8"' };
  }
  try {
    // Drops a byte order mark, which spreadsheets write.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const line = Buffer.from(bytes)
      .toString("latin1")
      .split("\n")
      .findIndex((text) => !isUtf8(Buffer.from(text, "latin1")));
    return { origin: `${file}:${line + 1}`, message: 'is not UTF-8: save the file as "CSV UTF-8"' };
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseCsv(file: string, text: string): Directory {
  if (text.trim() === "") {
    return {
      entries: [],
      problems: [{ origin: file, message: "is empty: write a line of column names first" }],
    };
  }
  const problems: DirectoryProblem[] = [];
  const place = (line: number) => `${file}:${line}`;
  const rows = readRows(text, (line, message) => problems.push({ origin: place(line), message }));
  const [header, ...body] = rows;
  const names = withoutEmptyEnd(header?.cells ?? [], 0);
  const columns = findColumns(names);
  if (columns.problems.length > 0) {
    const origin = place(header?.line ?? 1);
    return { entries: [], problems: columns.problems.map((message) => ({ origin, message })) };
  }
  const entries: DirectoryEntry[] = [];
  for (const { line, cells: written } of body.slice(0, maxEntries)) {
    const origin = place(line);
    const cells = withoutEmptyEnd(written, names.length);
    const message = rowProblem(cells, names);
    if (message === undefined) entries.push({ value: columns.read(cells), origin });
    else problems.push({ origin, message });
  }
  problems.push(...tooMany(body.length, place(body[maxEntries]?.line ?? 0)));
  if (body.length === 0 && problems.length === 0) {
    problems.push({ origin: file, message: "has no row below its column names: write one per mailbox" });
  }
  if (!text.endsWith("\n")) {
    // The only sign of a file that is still being written, or whose copy was cut off: half a hash looks like one.
    const message = "has no line end: the file may have been cut off; if it is complete, end its last line";
    problems.push({ origin: place(text.split("\n").length), message });
  }
  return { entries, problems };
}

/** Without the empty cells that a spreadsheet writes to the right of a table that was wider once. */
function withoutEmptyEnd(cells: readonly string[], atLeast: number): readonly string[] {
  // Here a value was divided, as in `Lima, Ana`: the cells are not where they belong.
  if (atLeast > 0 && cells.some((cell) => /^ \S/.test(cell))) return cells;
  let length = cells.length;
  while (length > atLeast && cells[length - 1]?.trim() === "") length -= 1;
  return cells.slice(0, length);
}

function rowProblem(cells: readonly string[], names: readonly string[]): string | undefined {
  const control = cells.findIndex((cell) => /\p{Cc}/u.test(cell));
  if (control >= 0) return `${names[control] ?? "a value"}: has a line break or another control character`;
  if (cells.length === names.length) return undefined;
  const comma = cells.length > names.length ? "; a value with a comma belongs in double quotes" : "";
  return `has ${cells.length} fields where the first line names ${names.length} columns${comma}`;
}

function tooMany(count: number, origin: string): DirectoryProblem[] {
  if (count <= maxEntries) return [];
  return [
    {
      origin,
      message: `is one mailbox too many: a directory has at most ${maxEntries}, and this has ${count}`,
    },
  ];
}

/** Rows with the number of the line that each ends on; an error is reported for its line, and the others are read. */
function readRows(text: string, report: (line: number, message: string) => void): CsvRow[] {
  const head = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  // Spreadsheets write semicolons where the comma separates decimals; a column's name has neither.
  const delimiter = head.includes(";") ? ";" : ",";
  try {
    return parseRows(text, delimiter);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  // Line by line, so that a quote that is not closed does not swallow the rest: no value has a line break.
  return text.split(/\r?\n/).flatMap((line, index) => {
    try {
      return parseRows(line, delimiter).map(({ cells }) => ({ line: index + 1, cells }));
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      report(index + 1, csvProblem(error));
      return [];
    }
  });
}

function parseRows(text: string, delimiter: string): CsvRow[] {
  const rows = parse(text, {
    info: true,
    delimiter,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    skip_empty_lines: true,
  }) as unknown as { readonly info: { readonly lines: number }; readonly record: readonly string[] }[];
  // A spreadsheet writes the empty rows below a table, too.
  return rows
    .filter(({ record }) => record.some((cell) => cell.trim() !== ""))
    .map(({ info, record }) => ({ line: info.lines, cells: record }));
}

/** The parser's findings in words that say what to write. */
function csvProblem({ code, message }: CsvError): string {
  if (code === "CSV_QUOTE_NOT_CLOSED") return "a double quote is not closed";
  if (code === "CSV_INVALID_CLOSING_QUOTE" || code === "INVALID_OPENING_QUOTE") {
    return 'a double quote stands inside a value: quote the whole value, and write it twice inside (""), as in "a ""b"""';
  }
  return message;
}

/** The message for a key of a mailbox that cannot be a column: `forward` or `appPasswords`. */
const notInCells =
  "holds keys of its own: write forward.to and forward.keepCopy as columns, and app passwords in a JSON file";

interface Columns {
  readonly problems: readonly string[];
  /** A row as the stack file would hold it; an empty cell is a key left out. */
  read(cells: readonly string[]): Record<string, unknown>;
}

function findColumns(names: readonly string[]): Columns {
  const known = columnReaders();
  const problems = names.flatMap((name, index) => {
    if (names.indexOf(name) !== index) return [`column "${name}" is there twice`];
    if (known.has(name)) return [];
    if (Object.hasOwn(mailboxSchema.shape, name)) return [`column "${name}": ${notInCells}`];
    return [`column "${name}": ${unknownKey(name, [...known.keys()])}`];
  });
  if (!names.includes("name")) problems.push('column "name" is missing: the first line names the columns');
  return {
    problems,
    read(cells) {
      const row: Record<string, unknown> = {};
      for (const [index, cell] of cells.entries()) {
        const name = names[index] ?? "";
        if (cell.trim() !== "") assign(row, name.split("."), known.get(name)?.(cell));
      }
      return row;
    },
  };
}

function assign(
  target: Record<string, unknown>,
  [first = "", ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = (target[first] ?? {}) as Record<string, unknown>;
  target[first] = inner;
  assign(inner, rest, value);
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

type CellReader = (cell: string) => unknown;

/** What spreadsheets write for true and false: in capitals, in the language of their user, or as a number. */
const booleanPairs =
  "TRUE/FALSE 1/0 VERDADEIRO/FALSO VERDADERO/FALSO CERT/FALS VRAI/FAUX VERO/FALSO WAHR/FALSCH WAAR/ONWAAR " +
  "SANT/FALSKT SANN/USANN SAND/FALSK TOSI/EPÄTOSI PRAVDA/NEPRAVDA PRAWDA/FAŁSZ IGAZ/HAMIS DOĞRU/YANLIŞ " +
  "ADEVĂRAT/FALS ИСТИНА/ЛОЖЬ ІСТИНА/ХИБНІСТЬ ΑΛΗΘΗΣ/ΨΕΥΔΗΣ";
const booleanCells: ReadonlyMap<string, boolean> = new Map(
  booleanPairs
    .split(" ")
    .flatMap((pair) =>
      pair.split("/").map((word, index): [string, boolean] => [spelling(word), index === 0]),
    ),
);

function spelling(cell: string): string {
  return cell.normalize("NFC").trim().toUpperCase();
}

/** One column per key of a mailbox: `forward.to` where a key has keys of its own. Lists of sections need JSON. */
function columnReaders(): ReadonlyMap<string, CellReader> {
  const readers = new Map<string, CellReader>();
  const visit = (prefix: string, { properties = {} }: JsonSchema) => {
    for (const [key, property] of Object.entries(properties)) {
      if (property.properties !== undefined) visit(`${prefix}${key}.`, property);
      else if (property.items?.properties === undefined) readers.set(prefix + key, cellReader(property));
    }
  };
  visit("", z.toJSONSchema(mailboxSchema, { io: "input" }) as JsonSchema);
  return readers;
}

/** A value of another type stays as written: the schema says what is wrong with it. */
function cellReader({ type }: JsonSchema): CellReader {
  if (type === "array") return (cell) => cell.split(" ").filter((item) => item !== "");
  if (type === "boolean") return (cell) => booleanCells.get(spelling(cell)) ?? cell;
  if (type === "integer" || type === "number") return (cell) => (/^-?\d+$/.test(cell) ? Number(cell) : cell);
  return (cell) => cell;
}

function parseJson(file: string, text: string): Directory {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    // Without the excerpt that Node quotes, which may hold a hash.
    const where = / at position .*$/.exec(error instanceof Error ? error.message : "")?.[0] ?? "";
    const message = `is not valid JSON: it breaks off or has an error${where}`;
    return { entries: [], problems: [{ origin: file, message }] };
  }
  if (!Array.isArray(list) || list.length === 0) {
    const message = 'holds no mailboxes: write a list of them, such as [{ "name": "ana" }]';
    return { entries: [], problems: [{ origin: file, message }] };
  }
  const entries = list.slice(0, maxEntries).map((value, index) => ({ value, origin: `${file}[${index}]` }));
  return { entries, problems: tooMany(list.length, `${file}[${maxEntries}]`) };
}

function refusePasswords({ entries, problems }: Directory): Directory {
  const message =
    "password: only a lab's file may hold plain passwords: use passwordHash, or leave both out to have one generated";
  const found = entries.flatMap(({ value, origin }) =>
    typeof value === "object" && value !== null && "password" in value ? [{ origin, message }] : [],
  );
  return { entries, problems: [...problems, ...found] };
}
