import type * as z from "zod";
import { formatPath } from "./cross-check.ts";

/**
 * All that is wrong with a stack's configuration, one line a problem, in the order of the file's keys.
 *
 * @param file - how people know the file, such as `stacks/Pulumi.lab.yaml`.
 */
export function formatProblems(file: string, issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues
    .flatMap(placeEach)
    .map(({ path, message }) => `  maildomain:${formatPath(path)}: ${message}`);
  const unique = [...new Set(lines)];
  const count = unique.length === 1 ? "1 problem" : `${unique.length} problems`;
  return [`${file} has ${count}; nothing has been changed.`, ...unique].join("\n");
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
