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
} from "../records/index.ts";

/** A record that exists in a zone now. */
export interface LiveRecord {
  readonly id: string;
  /** In full, lower case, A-labels, no trailing dot. */
  readonly name: string;
  readonly type: string;
  /** In seconds; 1 is Cloudflare's automatic one. */
  readonly ttl: number;
  /** As a planned record's: presentation format, host names without a trailing dot, TXT unquoted. */
  readonly content: string;
  /** Whether HTTP goes through Cloudflare's proxy, whose addresses the name then has. */
  readonly proxied: boolean;
  /** Empty when there is none. */
  readonly comment: string;
}

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
