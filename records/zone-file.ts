import { cut } from "./mail-address.ts";
import type { PublishedRecord } from "./record.ts";

/** The longest character-string in a TXT record, in bytes (RFC 1035 section 3.3). */
const characterStringBytes = 255;

/**
 * TXT content as quoted character-strings of at most 255 bytes each (RFC 1035 section 5.1, RFC 7208 section 3.3).
 *
 * @example `"v=DKIM1; k=rsa; p=MIIB…" "…AQAB"`
 */
export function quoteText(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  const parts: string[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += characterStringBytes) {
    parts.push(`"${escapeBytes(bytes.subarray(start, start + characterStringBytes))}"`);
  }
  return parts.join(" ");
}

/** The text of quoted character-strings: the inverse of {@link quoteText}. */
export function unquoteText(presentation: string): string {
  const bytes: number[] = [];
  for (const [, inner = ""] of presentation.matchAll(/"((?:[^"\\]|\\.)*)"/gs)) {
    for (const [part, decimal, character] of inner.matchAll(/\\(\d{3})|\\(.)|./gs)) {
      if (decimal !== undefined) bytes.push(Number(decimal));
      else bytes.push(...Buffer.from(character ?? part, "utf8"));
    }
  }
  return Buffer.from(bytes).toString("utf8");
}

function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, "0")}`;
    else text += character === '"' || character === "\\" ? `\\${character}` : character;
  }
  return text;
}

/** How a zone file is written. */
export interface ZoneFileOptions {
  /** Whether each line ends in a comment that says why the record is there. @default false */
  readonly comments?: boolean | undefined;
}

/** A record without the reason for it, which a zone file needs for comments alone. */
export type ZoneRecord = Omit<PublishedRecord, "why"> & Partial<Pick<PublishedRecord, "why">>;

/** One record as a line of a zone file, names absolute (RFC 1035 section 5.1). */
export function formatZoneLine(record: ZoneRecord, { comments = false }: ZoneFileOptions = {}): string {
  const { name, type, ttl, content, why } = record;
  const line = `${name}.\t${ttl}\tIN\t${type}\t${zoneContent(type, content)}`;
  // A line's end would end the comment too.
  return comments && why !== undefined ? `${line}\t; ${why.replaceAll(/\p{Cc}+/gu, " ")}` : line;
}

/** These end in a host name, which is absolute by its final dot; the root is nothing but that. */
const typesOfNames = new Set(["CNAME", "MX", "NS", "PTR", "SRV"]);

/** What follows the type on a line of a zone file. */
export function zoneContent(type: string, content: string): string {
  if (type === "TXT") return quoteText(content);
  return typesOfNames.has(type) && !content.endsWith(".") ? `${content}.` : content;
}

/** Who serves a zone of our own. */
export interface ZoneAuthority {
  /** The zone's apex. */
  readonly domain: string;
  /** Host name of the authoritative server. */
  readonly nameServer: string;
  readonly nameServerAddress: string;
  /** The person responsible for the zone (RFC 1035 section 3.3.13). */
  readonly mailbox: string;
  readonly ttl: number;
}

/**
 * A whole zone file: SOA, NS and the address of the name server, then the records in their order.
 *
 * The serial stays 1: the server counts it up when the content changes (RFC 1982).
 */
export function renderZoneFile(
  authority: ZoneAuthority,
  records: readonly ZoneRecord[],
  options: ZoneFileOptions = {},
): string {
  const { domain, nameServer, nameServerAddress, ttl } = authority;
  const { local = "", domain: host = "" } = cut(authority.mailbox) ?? {};
  // The first dot-less label holds the local part; its own dots are escaped (RFC 1035 section 8).
  const responsible = `${local.replaceAll(".", "\\.")}.${host}.`;
  const addressType = nameServerAddress.includes(":") ? "AAAA" : "A";
  const lines = [
    `${domain}.\t${ttl}\tIN\tSOA\t${nameServer}. ${responsible} 1 7200 3600 1209600 300`,
    `${domain}.\t${ttl}\tIN\tNS\t${nameServer}.`,
    `${nameServer}.\t${ttl}\tIN\t${addressType}\t${nameServerAddress}`,
    ...records.map((record) => formatZoneLine(record, options)),
  ];
  return `${lines.join("\n")}\n`;
}
