/** The commands that a page shows, and what is wrong with them by this project's own tables. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Command, UsageError } from "../../commands/command.ts";
import { parseCall } from "../../commands/command-line.ts";
import { parseObjectName } from "../../naming/engine.ts";
import { commandList } from "../../toolchain/command-list.mjs";
import { Report } from "../../toolchain/report.ts";
import { lineAt, projectFolder, prose, shellBlocks } from "./pages.ts";

export interface WrittenCommand {
  readonly text: string;
  readonly line: number;
}

/** Loaded with the module: that takes a slow machine longer than a test may. */
const commands = new Map(
  await Promise.all(
    Object.keys(commandList).map(async (name) => {
      const loaded = (await import(`../../commands/${name}.ts`)) as { readonly command: Command };
      return [name, loaded.command] as const;
    }),
  ),
);

/** Those of blocks, examples too, and those within sentences and tables. */
export function writtenCommands(text: string): WrittenCommand[] {
  const blocks = shellBlocks(text);
  const sentences = prose(text);
  return [
    ...blocks.flatMap(({ content, line }) => commandsIn(content, line + 1)),
    ...[...sentences.matchAll(/`(npm (?:run|test)\b[^`\n]*|npx [^`\n]+)`/g)].flatMap(
      ({ index, 1: code = "" }) => commandsIn(code, lineAt(sentences, index)),
    ),
  ];
}

/** A shell's text as the commands that it has, each without what another program reads or gets. */
function commandsIn(shell: string, firstLine: number): WrittenCommand[] {
  // A continued line is one command; those after it keep their numbers.
  const whole = shell.replace(/(?:.*\\\n)+.*/g, (lines) => {
    const parts = lines.split("\\\n");
    return `${parts.join(" ")}${"\n".repeat(parts.length - 1)}`;
  });
  return whole.split("\n").flatMap((line, index) => {
    const code = line.replace(/(^|\s)#.*$/, "");
    const parts = code.split(/\s(?:&&|\|\|)\s|\||;|\$\(|\)"?/);
    return parts.map((part) => ({ text: part.trim(), line: firstLine + index }));
  });
}

/** @returns what is wrong with a command; nothing for one of other programs. */
export function mistakesOf(command: string): string[] {
  const words = wordsOf(command);
  const containers = words.flatMap((word) => wrongContainer(word));
  const [program, ...rest] = words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
  if (program === "npm" && (rest[0] === "run" || rest[0] === "test")) return npmMistakes(rest);
  if (program === "npx") return npxMistakes(rest);
  if (program === "docker") return [...containers, ...programMistakes(rest)];
  return containers;
}

/** Whether a command acts on the stack `lab` where it is given no other one. */
export function hasStackByDefault(name: string): boolean {
  return commands.get(name)?.options.stack?.default !== undefined;
}

/** The words of one command, without where it reads from and writes to. */
function wordsOf(command: string): string[] {
  const plain = command.replace(/\s(?:\d?>{1,2}(?:&\d)?\s*|<)(?![a-z A-Z]*>)\S*/g, " ");
  return [...plain.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}

function npmMistakes(words: readonly string[]): string[] {
  const ofNpm = words.filter((word) => word !== "--silent" && word !== "run");
  const [name = "", ...rest] = ofNpm;
  // The commands as such, or a word that stands for one.
  if (["", "NAME", "COMMAND"].includes(name)) return [];
  if (!Object.hasOwn(scripts(), name)) return [`\`npm run ${name}\` does not exist`];
  const command = commands.get(name);
  if (command === undefined) return [];
  const end = rest.indexOf("--");
  const before = end === -1 ? rest : rest.slice(0, end);
  const taken = before.filter((word) => word.startsWith("-"));
  if (taken.length > 0) return [`npm takes ${taken.join(", ")} for itself: options come after --`];
  return commandMistakes(name, command, [...before, ...(end === -1 ? [] : rest.slice(end + 1))]);
}

function commandMistakes(name: string, command: Command, words: readonly string[]): string[] {
  try {
    const { positionals } = parseCall(name, command, words, new Report({ write: () => {} }));
    // What the usage writes in small letters is to be typed so, such as `list` or `docker-mailserver`.
    const literal = [
      ...new Set(Array.from(command.usage.matchAll(/(?:^\[?|\| )([a-z][a-z-]*)/g), ([, word]) => word)),
    ];
    const [first] = positionals;
    return first === undefined || literal.length === 0 || literal.includes(first)
      ? []
      : [`${name} knows ${literal.join(", ")}, not ${first}`];
  } catch (error) {
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

function scripts(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")).scripts;
}

/** Programs of the dependencies; the paths and projects that vitest gets. */
function npxMistakes([program = "", ...words]: readonly string[]): string[] {
  if (!existsSync(join(projectFolder, "node_modules/.bin", program)))
    return [`npx ${program}: no dependency has this program`];
  if (program !== "vitest") return [];
  const missing = words.filter(
    (word) => word.startsWith("test/") && globSync(word, { cwd: projectFolder }).length === 0,
  );
  const projects = words.flatMap((word, index) => (words[index - 1] === "--project" ? [word] : []));
  const unknown = projects.filter((name) => !/^(unit|lab|lab-alone|lab\*)$/.test(name));
  return [...missing, ...unknown].map((word) => `npx vitest: ${word} does not exist`);
}

/** What is called like a stack's container or volume has to be called as one that a stack has. */
function wrongContainer(word: string): string[] {
  const [, name] = /^(maildomain-company-[\w.-]+)/.exec(word) ?? [];
  if (name === undefined) return [];
  const stack = { project: "maildomain", stack: "company" };
  const kinds = ["container", "volume", "network"] as const;
  return kinds.some((kind) => parseObjectName(stack, kind, name) !== undefined)
    ? []
    : [`no container or volume of a stack is called ${name}`];
}

/** This project's own programs in its containers. */
function programMistakes(words: readonly string[]): string[] {
  const own = new Set(
    globSync("images/*/maildomain-*", { cwd: projectFolder }).map((path) => basename(path)),
  );
  const called = words.filter((word) => /^maildomain-[a-z]+$/.test(word));
  return called.filter((word) => !own.has(word)).map((word) => `no image has the program ${word}`);
}
