/** What YAML reads as something else than the person who has typed it: blanks that are none, quotes of a word processor. */
import { isMap, isNode, isScalar, type LineCounter, type Pair, visit } from "yaml";
import type { Mistake, ReadYaml } from "./read-yaml.ts";

/** Characters that look like a blank, like nothing, or like a colon, and structure nothing. */
const LOOKALIKE = /[\u{A0}\u{1680}\u{2000}-\u{200B}\u{202F}\u{205F}\u{3000}\u{FEFF}\u{FF1A}]/u;
const TYPOGRAPHIC = "“”„‟‘’‚«»";

/** @param last - the line that cannot be read; the cause may be one line below it. */
export function oddCharacter(lines: readonly string[], last: number): Mistake | undefined {
  for (const [index, line] of lines.slice(0, last + 1).entries()) {
    const text = structureOf(index === 0 ? line.replace(/^\u{FEFF}/u, " ") : line);
    const [character] = LOOKALIKE.exec(text) ?? [];
    if (character !== undefined) {
      const code = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;
      const meant = character === "：" ? "a colon" : "a blank";
      const cause = `a character (${code}) that only looks like ${meant}: type an ordinary one`;
      return { line: index + 1, column: text.indexOf(character) + 1, cause };
    }
    const carriageReturn = text.slice(0, -1).indexOf("\r");
    if (carriageReturn >= 0) {
      const cause = "a line end of old computers (CR): save the file with LF or CRLF";
      return { line: index + 1, column: carriageReturn + 1, cause };
    }
  }
  return undefined;
}

/** Without what is between quotes or in a comment, in the same columns. */
function structureOf(line: string): string {
  return line.replaceAll(/"[^"]*"|'[^']*'|\s#.*/g, (text) => "_".repeat(text.length));
}

/** Values that can be read, but not as they were meant. */
export function misreadValues({ document, counter }: ReadYaml): Mistake[] {
  const found: Mistake[] = [];
  const add = (node: unknown, cause: string) => found.push({ ...placeOf(node, counter), cause });
  for (const { code, pos } of document.warnings)
    if (code === "TAG_RESOLVE_FAILED")
      found.push({ ...positionAt(pos[0], counter), cause: needsQuotes("!") });
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) add(alias, needsQuotes("*"));
    },
    Pair(_, pair, path) {
      if (isKeyWithValue(pair, path.length)) add(pair.key, "a blank is missing after the colon");
    },
    Scalar(_, scalar) {
      if (scalar.anchor !== undefined && scalar.value === null) add(scalar, needsQuotes("&"));
      if (scalar.type !== "PLAIN" || typeof scalar.value !== "string" || scalar.value.length < 2) return;
      const [first = "", last = ""] = [scalar.value.at(0), scalar.value.at(-1)];
      if (TYPOGRAPHIC.includes(first) && TYPOGRAPHIC.includes(last))
        add(scalar, `the quotes ${first} and ${last} are part of the text: write " or '`);
    },
  });
  return found.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

export function needsQuotes(sign: string): string {
  return `a text that begins with ${sign} needs quotes around it`;
}

/** The keys directly below `config:` have a colon of their own: they are three levels down. */
function isKeyWithValue({ key, value }: Pair, depth: number): boolean {
  if (!isScalar(key) || key.type !== "PLAIN" || (isNode(value) && !(isScalar(value) && value.value === null)))
    return false;
  const colons = depth <= 4 ? /^\w+:\w+:\S/ : /^\w+:\S/;
  return colons.test(String(key.value));
}

function placeOf(node: unknown, counter: LineCounter): { line: number; column: number } {
  const offset = isNode(node) || isMap(node) ? (node.range?.[0] ?? 0) : 0;
  return positionAt(offset, counter);
}

function positionAt(offset: number, counter: LineCounter): { line: number; column: number } {
  const { line, col } = counter.linePos(offset);
  return { line, column: col };
}
