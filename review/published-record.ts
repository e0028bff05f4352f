import { contentOf } from "../adopt/live-record.ts";
import { madeByUp, type Properties, propertiesOf, textOf, UNKNOWN } from "./preview.ts";

/** A record as it is published, whoever serves it. */
export interface PublishedRecord {
  readonly name: string;
  readonly type: string;
  /** In seconds; undefined while its text is not known. */
  readonly ttl: number | undefined;
  /** In the notation of zone files, TXT unquoted. */
  readonly content: string;
}

/** A LocalZone has one line per role: `name ttl type content`. */
export function fromLine(line: unknown): PublishedRecord | undefined {
  const text = textOf(line);
  if (text === undefined) return undefined;
  const [, name, ttl, type, content] = /^(\S+) (\d+) (\S+) (.*)$/s.exec(text) ?? [];
  if (name === undefined || type === undefined || content === undefined) {
    return { name: "", type: "", ttl: undefined, content: madeByUp };
  }
  return { name, type, ttl: Number(ttl), content };
}

/** What Cloudflare serves for a TTL of 1, its word for "automatic". */
const AUTOMATIC_TTL_SECONDS = 300;

/** The inputs of a `DnsRecord` of Cloudflare's. */
export function fromCloudflare(inputs: Properties): PublishedRecord | undefined {
  const [name, type, ttl] = [textOf(inputs.name), textOf(inputs.type), inputs.ttl];
  if (name === undefined || type === undefined) return undefined;
  const { content, priority } = inputs;
  const data = propertiesOf(inputs.data);
  const isKnown = !JSON.stringify([content, priority, data]).includes(UNKNOWN);
  return {
    name: name.toLowerCase(),
    type,
    ttl: typeof ttl !== "number" ? undefined : ttl === 1 ? AUTOMATIC_TTL_SECONDS : ttl,
    content: isKnown
      ? contentOf({
          type,
          content: textOf(content),
          priority: typeof priority === "number" ? priority : undefined,
          data,
        })
      : madeByUp,
  };
}
