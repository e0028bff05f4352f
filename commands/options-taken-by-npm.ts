import { readFileSync } from "node:fs";
import { suggest } from "../naming/suggestion.mjs";
import type { Command } from "./command.ts";
import { UsageError } from "./command.ts";

/**
 * `npm run preview --stack=people`, without the `--` of its own, gives npm the option: the command would act on the
 * default stack. npm hands what it took to the script as `npm_config_stack`, all in lower case and with underscores.
 *
 * @param words - what npm left for the command
 * @param environment - of this process
 * @throws UsageError with the line to write instead
 */
export function refuseOptionsTakenByNpm(
  name: string,
  command: Command,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  if (environment.npm_lifecycle_event !== name) return;
  const taken = Object.entries(command.options).flatMap(([option, { type, value: placeholder = "" }]) => {
    const key = option.replaceAll("-", "_").toLowerCase();
    const value = environment[`npm_config_${key}`];
    if (value === undefined || value === "" || isSetForEveryCall(option, environment)) return [];
    // With a space between them npm takes the option alone, and leaves its value among the words.
    if (value === "true")
      return [{ typed: `--${option}`, placeholder: type === "string" ? placeholder : "" }];
    return [{ typed: `--${option}=${value}`, placeholder: "" }];
  });
  if (taken.length === 0) refuseMisspelt(name, command, environment);
  if (taken.length === 0) return;
  const missing = taken.filter(({ placeholder }) => placeholder !== "");
  const [separated] = missing;
  const inPlace = separated !== undefined && missing.length === 1 && words.length > 0;
  const options = taken
    .toSorted((a, b) => Number(a === separated) - Number(b === separated))
    .map(({ typed, placeholder }) => (placeholder === "" || inPlace ? typed : `${typed} ${placeholder}`));
  const typed = taken.map((option) => option.typed).join(" and ");
  throw new UsageError(
    `npm took ${typed} for itself, so that ${name} would not see it. Nothing was done. Write options after \`--\`:\n` +
      `  ${lineOf(name, [...options, ...words])}`,
  );
}

function lineOf(name: string, words: readonly string[]): string {
  return `npm ${name === "test" ? "test" : `run ${name}`} -- ${words.join(" ")}`;
}

/** npm's own settings whose names are near to an option's, such as `fund` to `found`: who sets them means npm. */
const ofNpm = "also audit ca call dev fund git key message omit os otp umask versions which".split(" ");

/** npm also takes what nobody knows: `npm run down --stak=people` would remove the default stack. */
function refuseMisspelt(name: string, command: Command, environment: NodeJS.ProcessEnv): void {
  const options = Object.keys(command.options);
  for (const [variable, value] of Object.entries(environment)) {
    const word = /^npm_config_(?<word>.+)$/.exec(variable)?.groups?.word?.replaceAll("_", "-");
    if (word === undefined || options.includes(word) || ofNpm.includes(word)) continue;
    const meant = suggest(word, options);
    if (meant === undefined || isSetForEveryCall(word, environment)) continue;
    const written = value === "true" ? "" : `=${value}`;
    throw new UsageError(
      `npm took --${word}${written} for itself. Nothing was done. Did you mean --${meant}? Write options after \`--\`:\n` +
        `  ${lineOf(name, [`--${meant}${written}`])}`,
    );
  }
}

/** npm itself has a few of these names, such as `yes` and `json`: its own settings are not words of this call. */
function isSetForEveryCall(option: string, environment: NodeJS.ProcessEnv): boolean {
  if (environment[`NPM_CONFIG_${option.replaceAll("-", "_").toUpperCase()}`] !== undefined) return true;
  const files = [environment.npm_config_userconfig, environment.npm_config_globalconfig];
  return files.some((file) => new RegExp(`^\\s*${option}\\s*(=|$)`, "m").test(textIfAny(file)));
}

function textIfAny(file: string | undefined): string {
  try {
    return file === undefined ? "" : readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
