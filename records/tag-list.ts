import { FormError } from "./form-error.ts";

/** A tag=value list, the form that DKIM (RFC 6376 section 3.2) and DMARC (RFC 9989) records share. */
export type TagList = ReadonlyMap<string, string>;

export function formatTagList(tags: Iterable<readonly [string, string | undefined]>): string {
  const parts: string[] = [];
  for (const [tag, value] of tags) {
    if (value === undefined) continue;
    // A semicolon would begin another tag, and whoever wrote the value would write the record.
    if (/[;\p{Cc}]/u.test(value)) throw new Error(`the tag ${tag} cannot hold "${value}"`);
    parts.push(`${tag}=${value}`);
  }
  return parts.join("; ");
}

/** @throws FormError for the first thing that the list should not have. */
export function parseTagList(text: string): TagList {
  const { tags, problems } = readTagList(text);
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  return tags;
}

/** What can be read of a list, of a tag that is there twice the first, and what is wrong with the rest. */
export function readTagList(text: string): {
  readonly tags: TagList;
  readonly problems: readonly FormError[];
} {
  const tags = new Map<string, string>();
  const problems: FormError[] = [];
  for (const part of text.split(";").map(trimmed)) {
    if (part === "") continue;
    const separator = part.indexOf("=");
    const tag = trimmed(part.slice(0, Math.max(separator, 0)));
    if (!/^[a-z][a-z0-9_]*$/i.test(tag)) {
      problems.push(
        new FormError(`"${part}" is not a tag=value pair`, "separate pairs such as p=none by semicolons"),
      );
    } else if (tags.has(tag)) {
      problems.push(
        new FormError(
          `the tag "${tag}" stands twice`,
          "keep one of the two: receivers may ignore the whole record (RFC 6376 section 3.2)",
        ),
      );
    } else tags.set(tag, trimmed(part.slice(separator + 1)));
  }
  return { tags, problems };
}

/** White space is what the standards allow around a tag and its value: other spaces are part of them. */
function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+/, "").replace(/[ \t\r\n]+$/, "");
}
