/**
 * Long texts as the state has them: as gzip (RFC 1952), in base64. Ten thousand password hashes are half as long, and an `up`
 * writes them after each step.
 */
import { gunzipSync, gzipSync } from "node:zlib";

/** Up to so many characters a text is left alone. */
const SHORT = 16_384;

/** @param text - JSON, from whose beginning {@link unpackedText} knows that it is not packed */
export function packedText(text: string): string {
  // The rest is salts and hashes, in which no level finds anything.
  return text.length > SHORT ? gzipSync(text, { level: 1 }).toString("base64") : text;
}

/** The text, packed or not: an earlier version packed none. */
export function unpackedText(text: string): string {
  return text.startsWith("{") ? text : gunzipSync(Buffer.from(text, "base64")).toString();
}
