/** The documentation as people read it: its pages, their headings, links and blocks of code. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Every page, by its path in the project. */
export const pages: readonly string[] = globSync("{*,docs/*,images/*}.md", { cwd: projectFolder }).toSorted();

export function readPage(path: string): string {
  return readFileSync(join(projectFolder, path), "utf8");
}

export interface CodeBlock {
  /** What follows the fence, such as `sh`. */
  readonly language: string;
  readonly content: string;
  /** The block's line in its page. */
  readonly line: number;
  readonly marks: readonly Mark[];
}

/**
 * What a comment before a block says of how it is run. Several may stand there, each on lines of its own:
 *
 * - `<!-- example: REASON -->`: it is not run as written
 * - `<!-- example of "TEXT": REASON -->`: those of its commands with that text are not
 * - `<!-- exit status 1 of "TEXT": REASON -->`: that command ends with 1
 * - `<!-- typed: TEXT -->`: what a person types while it runs
 * - `<!-- new checkout: REASON -->`: it is run where no stack is yet
 */
export interface Mark {
  readonly kind: "example" | "exit status 1" | "typed" | "new checkout";
  /** What it is limited to. */
  readonly of: string | undefined;
  readonly text: string;
}

const fence =
  /^(?<indent>(?:> ?)*[^\S\n]*)```(?<language>\S*)[^\n]*\n(?<content>[\s\S]*?)^\k<indent>```[^\S\n]*$/gm;

export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(fence)].map(({ index, groups }) => ({
    language: groups?.language ?? "",
    content: groups?.content ?? "",
    line: lineAt(text, index),
    marks: marksBefore(text.slice(0, index)),
  }));
}

const mark =
  /<!-- (?<kind>example|exit status 1|typed|new checkout)(?: of "(?<of>[^"]+)")?: (?<text>[^>]+?) -->\s*$/;

function marksBefore(text: string): Mark[] {
  const found = mark.exec(text);
  if (found === null) return [];
  const { kind = "", of, text: said = "" } = found.groups ?? {};
  return [
    ...marksBefore(text.slice(0, found.index)),
    { kind: kind as Mark["kind"], of, text: said.replace(/\s+/g, " ") },
  ];
}

const shells = new Set(["sh", "bash", "console"]);

/** Those that a reader types into a shell. */
export function shellBlocks(text: string): CodeBlock[] {
  return codeBlocks(text).filter(({ language }) => shells.has(language));
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** A page without its blocks of code, each line at its place. */
export function prose(text: string): string {
  return text.replace(fence, (block) => block.replace(/[^\n]/g, ""));
}

export interface Heading {
  readonly level: number;
  readonly text: string;
}

export function headings(text: string): Heading[] {
  return [...prose(text).matchAll(/^(?:> ?)*(#{1,6}) (.+)$/gm)].map(([, marks = "", heading = ""]) => ({
    level: marks.length,
    text: heading.trim(),
  }));
}

/** The names by which links reach a page's headings, as GitHub makes them. */
export function anchors(text: string): Set<string> {
  const found = new Map<string, number>();
  for (const { text: heading } of headings(text)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/`/g, "");
    const slug = words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const times = found.get(slug) ?? 0;
    found.set(slug, times + 1);
    if (times > 0) found.set(`${slug}-${times}`, 1);
  }
  return new Set(found.keys());
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** Where a page's links and pictures lead. What it quotes is from elsewhere, and so is where that leads. */
export function links(text: string): Link[] {
  const shown = prose(text).replace(/^>.*|`[^`\n]*`/gm, (left) => "x".repeat(left.length));
  return [...shown.matchAll(/\]\(([^)\s]+)\)/g)].map(({ index, 1: target = "" }) => ({
    target,
    line: lineAt(shown, index),
  }));
}
