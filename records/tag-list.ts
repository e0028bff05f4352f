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

export function parseTagList(text: string): TagList {
  const tags = new Map<string, string>();
  for (const part of text.split(";")) {
    if (part.trim() === "") continue;
    const separator = part.indexOf("=");
    const tag = part.slice(0, separator).trim();
    if (separator < 0 || !/^[a-z][a-z0-9_]*$/i.test(tag))
      throw new Error(`"${part.trim()}" is not a tag=value pair`);
    if (tags.has(tag)) throw new Error(`the tag "${tag}" stands twice`);
    tags.set(tag, part.slice(separator + 1).trim());
  }
  return tags;
}
