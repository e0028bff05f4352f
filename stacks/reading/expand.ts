/** Puts the mailboxes of each domain's directory beside those of the stack file. */
import { type DirectoryProblem, parseDirectory } from "./directory.ts";
import type { Origins } from "./origins.ts";
import type { Problem } from "./problems.ts";

export interface Expanded {
  /** The settings with all mailboxes. */
  readonly written: unknown;
  readonly origins: Origins;
  readonly problems: readonly DirectoryProblem[];
}

/**
 * @param written - the keys of a stack file, not checked yet: anything but a directory's path is left to the schema.
 * @param read - the content of a file, by its path below `stacks/`.
 */
export function expandDirectories(written: unknown, read: (path: string) => Uint8Array): Expanded {
  if (!isSection(written) || !Array.isArray(written.domains))
    return { written, origins: new Map(), problems: [] };
  const origins = new Map<string, string>();
  const problems: DirectoryProblem[] = [];
  const domains = written.domains.map((domain: unknown, index) => {
    if (!isSection(domain) || typeof domain.directory !== "string") return domain;
    const { entries, problems: found } = readDirectory(domain.directory, written.lab === true, read);
    problems.push(...found);
    const declared: readonly unknown[] = Array.isArray(domain.mailboxes) ? domain.mailboxes : [];
    for (const [at, { origin }] of entries.entries()) {
      origins.set(`domains[${index}].mailboxes[${declared.length + at}]`, origin);
    }
    return { ...domain, mailboxes: [...declared, ...entries.map(({ value }) => value)] };
  });
  return { written: { ...written, domains }, origins, problems };
}

function readDirectory(file: string, lab: boolean, read: (path: string) => Uint8Array) {
  if (!/\.(csv|json)$/.test(file)) return { entries: [], problems: [] };
  try {
    return parseDirectory(file, read(file), lab);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    const message =
      code === "ENOENT"
        ? "is not there: write a path relative to stacks/"
        : `cannot be read (${code}): write the path of a file`;
    return { entries: [], problems: [{ origin: file, message }] };
  }
}

/** Without what follows only from rows that could not be read: an alias of such a mailbox leads nowhere. */
export function withoutConsequences(problems: readonly Problem[], expanded: Expanded): readonly Problem[] {
  if (expanded.problems.length === 0) return problems;
  return problems.filter(
    ({ path: [list, , key, , part, ...rest] }) =>
      list !== "domains" ||
      !((key === "mailboxes" && part === undefined) || (key === "aliases" && rest.length > 0)),
  );
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
