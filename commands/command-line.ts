import { parseArgs } from "node:util";
import { suggest } from "../naming/suggestion.mjs";
import { commandList } from "../toolchain/command-list.mjs";
import type { Report } from "../toolchain/report.ts";
import { type Call, type Command, type CommandOption, UsageError } from "./command.ts";

const helpOption: Readonly<Record<string, CommandOption>> = {
  help: { type: "boolean", short: "h", description: "show this" },
};

/** @throws UsageError that says what is wrong with the words and what was probably meant */
export function parseCall(name: string, command: Command, words: readonly string[], report: Report): Call {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  const rest = end === -1 ? [] : words.slice(end + 1);
  const { positionals: takesPositionals = false, rest: takesRest = false } = command.takes ?? {};
  if (rest.length > 0 && !takesRest)
    throw new UsageError(`${name} accepts nothing after \`--\`: ${rest.join(" ")}`);
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...helpOption }).map(([option, { type, short, default: value }]) => [
      option,
      { type, ...(short && { short }), ...(value !== undefined && { default: value }) },
    ]),
  );
  try {
    const parsed = parseArgs({ args: [...own], options, allowPositionals: takesPositionals });
    return { values: parsed.values, positionals: parsed.positionals, rest, report };
  } catch (error) {
    throw new UsageError(usageMistake(name, own, Object.keys(options), error));
  }
}

function usageMistake(name: string, words: readonly string[], options: string[], error: unknown): string {
  const unknown = words
    .filter((word) => word.startsWith("--"))
    .map((word) => word.slice(2).split("=")[0] ?? "")
    .find((word) => !options.includes(word));
  const help = `\`npm run ${name} -- --help\` lists its options.`;
  const message = error instanceof Error ? error.message : String(error);
  // Node would say how to pass it on as an argument, which npm makes another matter.
  const [, short] = /^Unknown option '(-[^-])'/.exec(message) ?? [];
  const [, stray] = /^Unexpected argument '(.*)'\. This/s.exec(message) ?? [];
  if (stray !== undefined) {
    const isStack = options.includes("stack") && !words.some((word) => /^(?:-s|--stack)/.test(word));
    const stack = isStack ? ` For the stack ${stray}: \`npm run ${name} -- --stack ${stray}\`.` : "";
    return `${name} takes no "${stray}".${stack} ${help}`;
  }
  if (short !== undefined) return `${name} has no option ${short}. ${help}`;
  if (unknown === undefined) return `${message}. ${help}`;
  const meant = suggest(unknown, options);
  return `${name} has no option --${unknown}.${meant === undefined ? "" : ` Did you mean --${meant}?`} ${help}`;
}

/** What `--help` prints. */
export function commandHelp(name: string, command: Command): string {
  const rows = Object.entries({ ...command.options, ...helpOption }).map(([option, settings]) => {
    const { short, value, description, default: preset } = settings;
    const names = `${short === undefined ? "    " : `-${short}, `}--${option}${value === undefined ? "" : ` ${value}`}`;
    return [names, `${description}${typeof preset === "string" ? ` (default: ${preset})` : ""}`] as const;
  });
  const width = Math.max(...rows.map(([names]) => names.length));
  const lines = rows.map(([names, description]) => `  ${names.padEnd(width)}  ${description}`);
  const summary = commandList[name] ?? "";
  return `Usage: npm ${name === "test" ? "test" : `run ${name}`} -- ${command.usage}\n\n${summary}\n\n${lines.join("\n")}\n`;
}
