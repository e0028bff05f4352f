/** All that is wrong with a stack file, found without the engine. */
import { checkSettings } from "./check.ts";
import { expandDirectories, withoutConsequences } from "./expand.ts";
import { plainSecrets } from "./plain-secrets.ts";
import { formatPlaced, type Problem } from "./problems.ts";
import { readYaml } from "./read-yaml.ts";
import { configIn, isSecret, namespace, writtenSettings } from "./stack-file.ts";
import { describeYamlMistakes, positionsIn } from "./yaml-mistakes.ts";

/**
 * All that is wrong with a stack file, with the line of each problem, before the engine is started for it. What depends
 * on an encrypted value is left to the program, which knows it.
 *
 * @param stack - its name
 * @returns nothing where nothing is wrong
 */
export function stackFileProblems(
  file: string,
  stack: string,
  text: string,
  read: (path: string) => Uint8Array,
): string | undefined {
  const yaml = readYaml(text);
  const mistakes = describeYamlMistakes(file, yaml);
  if (mistakes !== undefined) return mistakes;
  const config = configIn(yaml);
  const expanded = expandDirectories(writtenSettings(config), read);
  const { settings, problems = [] } = checkSettings(expanded.written);
  const found = [
    ...withoutConsequences(problems, expanded),
    ...(settings === undefined ? [] : plainSecrets(settings, stack, config)),
  ].filter(({ namespace: of, path }) => !holdsSecret(writtenAt(config, path, of)));
  if (found.length + expanded.problems.length === 0) return undefined;
  const positionOf = positionsIn(yaml);
  const located = found.map((problem): Problem => {
    const { path, message } = problem;
    const cause = isQuoted(problem, writtenAt(config, path, problem.namespace))
      ? "; the quotes make it a text: leave them out"
      : "";
    const position = positionOf(path, problem.namespace);
    const place = position === undefined ? "" : ` (line ${position.line}, column ${position.column})`;
    return { ...problem, message: `${message}${cause}${place}` };
  });
  return formatPlaced(file, located, expanded);
}

/** What the file says at a setting's path; a value that holds an encrypted one above it counts as that. */
function writtenAt(
  config: Readonly<Record<string, unknown>>,
  [first, ...rest]: readonly PropertyKey[],
  of = namespace,
): unknown {
  let value = config[`${of}${String(first)}`];
  for (const key of rest) {
    if (isSecret(value) || typeof value !== "object" || value === null) return value;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

/** A number, or true or false, that is written as a text. */
function isQuoted(problem: Problem, value: unknown): boolean {
  const isExpected = "expected" in problem && ["number", "boolean"].includes(String(problem.expected));
  return isExpected && typeof value === "string" && /^(?:\d+|true|false)$/.test(value);
}
