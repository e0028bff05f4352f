import { known } from "./known.ts";

/** A record as a policy sees it, whoever publishes it. */
export interface PolicyRecord {
  readonly name: string;
  readonly type: string;
  /** A TXT record's strings are joined. */
  readonly content: string;
}

/** The records of a resource: a Cloudflare record, or a whole zone of the stack's own server. What is unknown is left out. */
export function recordsIn(type: string, props: Readonly<Record<string, unknown>>): PolicyRecord[] {
  if (type === "maildomain:index:LocalZone") {
    const lines = (props.records ?? {}) as Readonly<Record<string, unknown>>;
    return Object.keys(lines).flatMap((key) => parseLine(known(() => lines[key])) ?? []);
  }
  if (!/^cloudflare:index\/(?:dnsRecord:DnsRecord|record:Record)$/.test(type)) return [];
  const [name, recordType, content] = ["name", "type", "content"].map((key) => known(() => props[key]));
  if (typeof name !== "string" || typeof recordType !== "string" || typeof content !== "string") return [];
  return [{ name: canonical(name), type: recordType, content: joinStrings(content) }];
}

/** `name ttl type content`, as a local zone lists them. */
function parseLine(line: unknown): PolicyRecord | undefined {
  if (typeof line !== "string") return undefined;
  const [, name, type, content] = /^(\S+) \d+ (\S+) (.*)$/s.exec(line) ?? [];
  if (name === undefined || type === undefined || content === undefined) return undefined;
  return { name: canonical(name), type, content };
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** `"one" "two"` is one text (RFC 7208 section 3.3). */
function joinStrings(content: string): string {
  const strings = [...content.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text);
  return strings.length === 0 ? content : strings.join("").replaceAll(/\\(.)/g, "$1");
}
