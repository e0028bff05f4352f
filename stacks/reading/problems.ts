import type * as z from "zod";
import { shown, shownInLine } from "../../naming/unseen.mjs";
import { formatPath } from "../schema/written-settings.ts";
import type { DirectoryProblem } from "./directory.ts";
import { type Origins, placeProblem } from "./origins.ts";

/** A person fixes a few at a time: ten thousand rows with the same mistake are reported as these and a count. */
const maxShown = 40;

/**
 * All that is wrong with a stack's configuration, one line per problem.
 *
 * @param file - how people know the file, such as `stacks/Pulumi.lab.yaml`.
 * @param problems - each a path below `maildomain:`, a colon, and what is wrong.
 * @param elsewhere - problems of other files, each with its place.
 */
export function formatProblems(
  file: string,
  problems: readonly string[],
  elsewhere: readonly string[] = [],
): string {
  const lines = [
    ...new Set(
      [...elsewhere, ...problems.map((line) => `maildomain:${line}`)].map((line) => `  ${shown(line)}`),
    ),
  ];
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  const rest = lines.length > maxShown ? [`  … and ${lines.length - maxShown} more`] : [];
  return [`${file} has ${count}; nothing has been changed.`, ...lines.slice(0, maxShown), ...rest].join("\n");
}

/** One thing that is wrong, at the place where it is to be fixed. */
export interface Problem {
  /** Before the path, where the setting is not the project's own. @example "cloudflare:" */
  readonly namespace?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const noFiles = { origins: new Map(), problems: [] };

/** The same from problems that know their place, and from those of the files that the settings name. */
export function formatPlaced(
  file: string,
  problems: readonly Problem[],
  files: { readonly origins: Origins; readonly problems: readonly DirectoryProblem[] } = noFiles,
): string {
  const placed = problems.map(({ namespace, path, message }) => {
    const setting = shownInLine(formatPath(path));
    return namespace === undefined
      ? placeProblem(setting, message, files.origins)
      : { text: `${namespace}${setting}: ${message}`, inFile: true };
  });
  const texts = (inFile: boolean) => placed.filter((each) => each.inFile === inFile).map(({ text }) => text);
  const elsewhere = [
    ...files.problems.map(({ origin, message }) => `${shownInLine(origin)}: ${message}`),
    ...texts(true),
  ];
  return formatProblems(file, texts(false), elsewhere);
}

/** The schema's findings; one of unknown keys is split into one a key. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [issue];
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...issue.path, key],
      message: messages[index] ?? issue.message,
    }));
  });
}
