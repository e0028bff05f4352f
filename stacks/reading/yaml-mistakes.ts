/** What is wrong with a stack file before any setting can be read: where, the line itself, and why. */
import { isMap, isScalar, type LineCounter, type YAMLError, type YAMLMap } from "yaml";
import { suggest } from "../../naming/suggestion.mjs";
import { shownInLine } from "../../naming/unseen.mjs";
import type { Mistake, Position, ReadYaml } from "./read-yaml.ts";
import { misreadValues, needsQuotes, oddCharacter } from "./yaml-characters.ts";

/**
 * @param file - how people know the file
 * @returns nothing where its settings can be read
 */
export function describeYamlMistakes(file: string, yaml: ReadYaml): string | undefined {
  const { lines } = yaml;
  const mistakes = mistakesIn(yaml);
  if (mistakes.length === 0) return undefined;
  const each = mistakes.flatMap(({ line, column, cause }) => [
    `  line ${line}, column ${column}: ${cause}`,
    ...quotedLine(lines[line - 1] ?? "", { line, column }),
  ]);
  return [`${file} is not valid YAML; nothing has been changed.`, ...each].join("\n");
}

/** Where each setting of a stack file is written: its key, or an item of a list. */
export function positionsIn({
  document,
  counter,
}: ReadYaml): (path: readonly PropertyKey[], namespace?: string) => Position | undefined {
  return ([first, ...rest], namespace = "maildomain:") => {
    const path = ["config", `${namespace}${String(first)}`, ...rest];
    const node = document.getIn(path, true);
    if (!isScalar(node) || node.range == null) return undefined;
    const { line, col } = counter.linePos(node.range[0]);
    return { line, column: col };
  };
}

/** The line with a mark below the column. A tab would move the mark. */
function quotedLine(text: string, { line, column }: Position): string[] {
  const number = String(line).padStart(5);
  const before = shownInLine(text.slice(0, column - 1).replaceAll("\t", "→"));
  const shown = before + shownInLine(text.slice(column - 1).replaceAll("\t", "→"));
  return [`  ${number} | ${shown}`.trimEnd(), `  ${" ".repeat(5)} | ${" ".repeat(before.length)}^`];
}

function mistakesIn(yaml: ReadYaml): Mistake[] {
  const { lines, document, counter } = yaml;
  // YAML's own parsers stumble over a tab wherever the structure breaks; the tab is the cause.
  const tab = lines.findIndex((line) => /^[ -]*\t\s*[^\s#]/.test(line));
  const [first] = document.errors;
  if (first !== undefined) {
    const isTab = tab >= 0 && tab + 1 <= positionOf(first).line;
    if (isTab) {
      const column = (lines[tab] ?? "").indexOf("\t") + 1;
      return [{ line: tab + 1, column, cause: "a tab: YAML is indented with spaces alone" }];
    }
    // What follows the first one is mostly its consequence.
    return [oddCharacter(lines, positionOf(first).line) ?? mistakeOf(first, lines)];
  }
  const misread = misreadValues(yaml);
  if (misread.length > 0) return misread;
  const { contents } = document;
  const misplaced = isMap(contents) ? misplacedKeys(contents, counter) : notSections(contents, lines);
  const [{ line } = { line: 0 }] = misplaced;
  const odd = line === 0 ? undefined : oddCharacter(lines, line - 1);
  return odd === undefined ? misplaced : [odd];
}

function positionOf({ linePos }: YAMLError): Position {
  return { line: linePos?.[0].line ?? 1, column: linePos?.[0].col ?? 1 };
}

function mistakeOf(error: YAMLError, lines: readonly string[]): Mistake {
  const { line, column } = placeOf(error, lines);
  const text = lines[line - 1] ?? "";
  if (error.code === "BLOCK_AS_IMPLICIT_KEY") return nestedKey(text, { line, column }, lines);
  return { line, column, cause: causeOf(error, text) };
}

/** A setting within the value of another: on the same line, or on the next one, which YAML takes for its continuation. */
function nestedKey(text: string, { line, column }: Position, lines: readonly string[]): Mistake {
  const dash = /^ *-(?=[^\s-])/.exec(text)?.[0].length;
  if (dash !== undefined) return { line, column: dash, cause: "a blank is missing after the dash" };
  const keys = text.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/:(?=\s|$)/g) ?? [];
  const next = lines.findIndex((each, index) => index >= line && /^\s*[^\s#]/.test(each));
  const start = (lines[next] ?? "").search(/\S/);
  if (keys.length <= 1 && start > text.search(/\S/)) {
    const cause = `the indentation: line ${line} has its value already, and this line starts to the right of it: settings of one section start in the same column`;
    return { line: next + 1, column: start + 1, cause };
  }
  const cause = 'two settings on one line, or a text with ": " in it, which needs quotes around it';
  return { line, column, cause };
}

/** An error at the start of a line is about its first word; one after the end, about the last line. */
function placeOf(error: YAMLError, lines: readonly string[]): Position {
  let { line, column } = positionOf(error);
  while (line > 1 && (lines[line - 1] ?? "").trim() === "") {
    line -= 1;
    column = (lines[line - 1] ?? "").length;
  }
  const first = (lines[line - 1] ?? "").search(/\S/) + 1;
  return { line, column: Math.max(column, first, 1) };
}

const NO_COLON = "a colon and a blank are missing between a setting and its value";

function causeOf({ code, message }: YAMLError, line: string): string {
  const [text = message] = message.split(" at line ");
  if (/Missing closing/.test(text)) return "a quote that opens here or above is not closed";
  if (/end with a ([\]}])/.test(text)) {
    const [, bracket = "]"] = /end with a ([\]}])/.exec(text) ?? [];
    const comment = /\s#/.test(line) ? "; # begins a comment: a text with it needs quotes" : "";
    return `a bracket that opens here or above is not closed: "${bracket}" is missing${comment}`;
  }
  if (/Implicit keys need/.test(text)) return NO_COLON;
  const [, sign] = /cannot start with .* character (\S)/.exec(text) ?? [];
  if (sign !== undefined) return needsQuotes(sign);
  if (/escape sequence/.test(text))
    return "a backslash between double quotes changes what follows it: use single quotes, or write it twice";
  if (code === "MULTIPLE_DOCS") return "a second document begins here: leave out the line";
  if (code === "DUPLICATE_KEY") return "this setting is written twice: leave one of them out";
  if (code === "BAD_INDENT" || code === "MISSING_CHAR" || /indent|same column/.test(text))
    return "the indentation: settings of one section start in the same column, below the one that they belong to";
  return text;
}

/** The CLI's own keys of a stack file. */
const topKeys = ["config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment"];

/** Settings outside of `config:`, and settings without their namespace, which the CLI would refuse or leave out. */
function misplacedKeys(contents: YAMLMap, counter: LineCounter): Mistake[] {
  const at = (node: unknown, cause: string): Mistake => {
    const offset = isScalar(node) ? (node.range?.[0] ?? 0) : 0;
    const { line, col } = counter.linePos(offset);
    return { line, column: col, cause };
  };
  const hasConfig = contents.has("config");
  const config = contents.get("config", true);
  const outside = contents.items
    .map(({ key }) => key)
    .filter((key) => isScalar(key) && !topKeys.includes(String(key.value)));
  if (outside.length > 0) {
    const [key] = outside;
    const isMeant = isScalar(key) && suggest(String(key.value), ["config"]) !== undefined;
    if (!hasConfig && isMeant) return [at(key, "unknown section: did you mean `config:`?")];
    const cause = hasConfig
      ? "this setting is outside of `config:`: indent it below that"
      : "`config:` is missing: write it in a line of its own above the settings, and indent them below it";
    return [at(outside[0], cause)];
  }
  if (!isMap(config)) {
    if (config == null || (isScalar(config) && config.value === null)) return [];
    if (isScalar(config) && String(config.value).includes(":")) return [at(config, NO_COLON)];
    return [
      { line: 1, column: 1, cause: "`config:` needs the settings below it, such as `maildomain:domains:`" },
    ];
  }
  return config.items
    .map(({ key }) => key)
    .filter((key) => isScalar(key) && !String(key.value).includes(":"))
    .map((key) => {
      const name = isScalar(key) ? String(key.value) : "";
      return at(key, `this setting needs its namespace: write \`maildomain:${name}\``);
    });
}

function notSections(contents: unknown, lines: readonly string[]): Mistake[] {
  // An empty file has no settings, which the schema says better.
  if (contents === null) return [];
  const line = Math.max(
    lines.findIndex((each) => /^\s*[^\s#]/.test(each)),
    0,
  );
  const column = (lines[line] ?? "").search(/\S/) + 1;
  return [{ line: line + 1, column, cause: "`config:` is missing: the settings belong below it" }];
}
