/** A record as Cloudflare has it: as its API gives it, and as the inputs of its resource. */
import {
  canonicalIPv6,
  comparableName,
  formatCaa,
  formatDs,
  formatMx,
  formatSrv,
  formatTlsa,
  parseCaa,
  parseDs,
  parseMx,
  parseSrv,
  parseTlsa,
  unquoteText,
} from "../../records/index.ts";
import type { FormedRecord, RecordForm } from "../facts.ts";
import type { LiveRecord } from "../live.ts";
import { keeperOf, type RecordMeta } from "./keeper.ts";

/** What a record says, in the parts in which Cloudflare's API accepts and returns it. */
export interface CloudflareParts {
  readonly type: string;
  readonly content?: string | undefined;
  readonly priority?: number | undefined;
  readonly data?: object | undefined;
}

/** What is read of a record as Cloudflare's API gives it. */
export interface CloudflareAnswer extends CloudflareParts {
  readonly id: string;
  readonly name: string;
  readonly ttl: number;
  readonly proxied?: boolean | undefined;
  readonly comment?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Of an alias. */
  readonly settings?: object | null | undefined;
  readonly meta?: unknown;
}

export function liveRecord(answer: CloudflareAnswer): LiveRecord {
  const { id, name, type, ttl, proxied = false, comment, tags, settings, meta } = answer;
  const keeper = keeperOf((meta ?? {}) as RecordMeta);
  return {
    id,
    name: comparableName(name),
    type: type.toUpperCase(),
    ttl,
    content: contentOf(answer),
    proxied,
    ...(type === "CNAME" && isFlattened(settings) ? { flattened: true } : {}),
    comment: comment ?? "",
    ...(tags != null && tags.length > 0 ? { tags } : {}),
    ...(keeper === undefined ? {} : { keeper }),
  };
}

function isFlattened(settings: object | null | undefined): boolean {
  return (settings as { readonly flatten_cname?: unknown } | null | undefined)?.flatten_cname === true;
}

/** What Cloudflare serves for a TTL of 1, its word for "automatic". */
const AUTOMATIC_TTL_SECONDS = 300;

function fromInputs({
  name,
  type,
  ttl,
  ...inputs
}: Readonly<Record<string, unknown>>): FormedRecord | undefined {
  if (typeof name !== "string" || typeof type !== "string") return undefined;
  const { content, priority, data } = inputs;
  return {
    name: comparableName(name),
    type,
    ttl: typeof ttl !== "number" ? undefined : ttl === 1 ? AUTOMATIC_TTL_SECONDS : ttl,
    content: contentOf({
      type,
      content: typeof content === "string" ? content : undefined,
      priority: typeof priority === "number" ? priority : undefined,
      data: typeof data === "object" && data !== null ? data : undefined,
    }),
  };
}

/** How a preview shows a zone at Cloudflare. */
export const cloudflareForm = {
  kind: "record",
  zoneType: "maildomain:index:CloudflareZone",
  recordType: "cloudflare:index/dnsRecord:DnsRecord",
  formerRecordTypes: ["cloudflare:index/record:Record"],
  contentInputs: ["content", "priority", "data"],
  fromInputs,
  isProxied: ({ proxied }) => proxied === true,
} as const satisfies RecordForm;

/**
 * Joins what the API keeps apart. A content that cannot be read keeps its words, and equals none of ours.
 *
 * The parts are those of the API, or in camel case those of the plugin. A type that has parts may also come as text
 * alone, from older answers and state files.
 */
export function contentOf({ type, content = "", priority, data }: CloudflareParts): string {
  const fields = (data ?? {}) as Readonly<Record<string, unknown>>;
  switch (type) {
    case "TXT":
      // The API accepts and keeps text without quotes as well.
      return quotedText.test(content) ? unquoteText(content) : content;
    case "MX":
      return respelt(withPriority(priority, content), (text) => formatMx(parseMx(text)), respellTarget);
    case "SRV": {
      // The content lacks the priority, except in some old answers.
      const { weight, port, target } = fields;
      const rest = joined(weight, port, target) ?? content.trim();
      const first = /^(\d+\s+){3}/.test(rest) ? undefined : (fields.priority ?? priority);
      return respelt(withPriority(first, rest), (srv) => formatSrv(parseSrv(srv)), respellTarget);
    }
    // The API gives these as text as well, but accepts only their parts.
    case "CAA": {
      const { flags, tag, value } = fields;
      const text =
        value === undefined ? undefined : joined(flags, tag, `"${String(value).replace(/^"(.*)"$/s, "$1")}"`);
      return respelt(text ?? content, (caa) => formatCaa(parseCaa(caa)));
    }
    case "TLSA": {
      const { usage, selector, matching_type, matchingType = matching_type, certificate } = fields;
      const text = joined(usage, selector, matchingType, certificate);
      return respelt(text ?? content, (tlsa) => formatTlsa(parseTlsa(tlsa)));
    }
    case "DS": {
      const { key_tag, keyTag = key_tag, algorithm, digest_type, digestType = digest_type, digest } = fields;
      const text = joined(keyTag, algorithm, digestType, digest);
      return respelt(text ?? content, (ds) => formatDs(parseDs(ds)));
    }
    case "AAAA":
      return respelt(content, canonicalIPv6);
    case "CNAME":
    case "NS":
    case "PTR":
      return comparableName(content);
    default:
      return content;
  }
}

/** Character-strings alone, and nothing beside them. */
const quotedText = /^\s*(?:"(?:[^"\\]|\\.)*"\s*)+$/s;

/** Nothing where a part is missing. */
function joined(...parts: readonly unknown[]): string | undefined {
  return parts.includes(undefined) || parts.includes(null) ? undefined : parts.join(" ");
}

function withPriority(priority: unknown, text: string): string {
  return priority === undefined || priority === null ? text : `${priority} ${text}`;
}

function respelt(
  text: string,
  respell: (text: string) => string,
  otherwise: (text: string) => string = (unread) => unread,
): string {
  try {
    return respell(text);
  } catch {
    return otherwise(text);
  }
}

/** A target that is not a host's name, such as one with an underscore, has one spelling as well. */
function respellTarget(text: string): string {
  const words = text.trim().split(/\s+/);
  return [...words.slice(0, -1), comparableName(words.at(-1) ?? "")].join(" ");
}
