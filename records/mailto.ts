import { normalizeName } from "./name.ts";

/**
 * An address as a `mailto:` URI (RFC 6068) inside a record: a comma there ends the URI, an exclamation mark begins
 * a size, a semicolon ends the tag (RFC 9989 section 4.8, RFC 8460 section 3), so all three are percent-encoded.
 *
 * @example ana@example.org → `mailto:ana@example.org`
 */
export function formatMailto(address: string): string {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  if (at < 1 || /[\s\p{Cc}]/u.test(local)) {
    throw new Error(`"${address}" is not a valid address for reports: use one such as dmarc@example.org`);
  }
  return `mailto:${encodeLocalPart(local)}@${normalizeName(address.slice(at + 1))}`;
}

/** @throws Error when it is no `mailto:` URI of one address */
export function parseMailto(uri: string): string {
  // DMARC once allowed a size after it (RFC 7489 section 6.2), which receivers ignore now.
  const [, local, domain] = /^mailto:([^@,\s?]+)@([^@,\s?!]+)(?:![0-9]+[kmgt]?)?$/i.exec(uri.trim()) ?? [];
  if (local === undefined || domain === undefined) throw new Error(`"${uri}" is not a valid mailto: address`);
  return `${decodeURIComponent(local)}@${normalizeName(domain)}`;
}

/** What stands after the @ of an address. */
export function domainOf(address: string): string {
  return normalizeName(address.slice(address.lastIndexOf("@") + 1));
}

function encodeLocalPart(local: string): string {
  return local.replaceAll(/[^A-Za-z0-9.+_~-]/gu, (character) =>
    [...Buffer.from(character, "utf8")]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}
