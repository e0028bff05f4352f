/** A record as Cloudflare has it: as its API gives it, and as the inputs of its resource. */
import {
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
}

export function liveRecord(answer: CloudflareAnswer): LiveRecord {
  const { id, name, type, ttl, proxied = false, comment } = answer;
  return {
    id,
    name: name.toLowerCase(),
    type,
    ttl,
    content: contentOf(answer),
    proxied,
    comment: comment ?? "",
  };
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
    name: name.toLowerCase(),
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

/** Joins what the API keeps apart. A content that cannot be read stays unchanged, and equals none of ours. */
export function contentOf({ type, content = "", priority, data }: CloudflareParts): string {
  const fields = (data ?? {}) as Readonly<Record<string, unknown>>;
  switch (type) {
    case "TXT":
      // The API accepts and keeps text without quotes as well.
      return content.startsWith('"') ? unquoteText(content) : content;
    case "MX":
      return respelt(`${priority} ${content}`, (text) => formatMx(parseMx(text)));
    case "SRV": {
      // The content lacks the priority.
      const text = `${fields.priority ?? priority} ${fields.weight} ${fields.port} ${fields.target}`;
      return respelt(text, (srv) => formatSrv(parseSrv(srv)));
    }
    // The API gives these as text as well, but accepts only their parts.
    case "CAA":
      return respelt(content || `${fields.flags} ${fields.tag} "${fields.value}"`, (text) =>
        formatCaa(parseCaa(text)),
      );
    case "TLSA": {
      const { usage, selector, matchingType, certificate } = fields;
      return respelt(content || `${usage} ${selector} ${matchingType} ${certificate}`, (text) =>
        formatTlsa(parseTlsa(text)),
      );
    }
    case "DS": {
      const { keyTag, algorithm, digestType, digest } = fields;
      return respelt(content || `${keyTag} ${algorithm} ${digestType} ${digest}`, (text) =>
        formatDs(parseDs(text)),
      );
    }
    case "CNAME":
    case "NS":
    case "PTR":
      return content.replace(/\.$/, "").toLowerCase();
    default:
      return content;
  }
}

function respelt(text: string, respell: (text: string) => string): string {
  try {
    return respell(text);
  } catch {
    return text;
  }
}
