import type * as z from "zod";
import { formatPath } from "./cross-check.ts";

/**
 * All that is wrong with a stack's configuration, one line a problem.
 *
 * @param file - how people know the file, such as `stacks/Pulumi.lab.yaml`.
 * @param problems - each a path below `maildomain:`, a colon, and what is wrong.
 */
export function formatProblems(file: string, problems: readonly string[]): string {
  const lines = [...new Set(problems)].map((problem) => `  maildomain:${problem}`);
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  return [`${file} has ${count}; nothing has been changed.`, ...lines].join("\n");
}

/** One thing that is wrong, at the place where it is to be mended. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The same from problems that know their place. */
export function formatPlaced(file: string, problems: readonly Problem[]): string {
  return formatProblems(
    file,
    problems.map(({ path, message }) => `${formatPath(path)}: ${message}`),
  );
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
