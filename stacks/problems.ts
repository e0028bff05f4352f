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

/** The schema's findings in the same form. */
export function formatIssues(file: string, issues: readonly z.core.$ZodIssue[]): string {
  const problems = issues.flatMap(placeEach).map(({ path, message }) => `${formatPath(path)}: ${message}`);
  return formatProblems(file, problems);
}

/** An issue at the place where it is to be mended: one of unknown keys is split into one a key. */
function placeEach(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  const messages = issue.message.split("\n");
  return issue.keys.map((key, index) => ({
    path: [...issue.path, key],
    message: messages[index] ?? issue.message,
  }));
}
