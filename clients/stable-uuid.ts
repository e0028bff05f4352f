import { createHash } from "node:crypto";

/** The namespace of URLs (RFC 9562 section 6.6). */
const urlNamespace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** A UUID that is the same whenever its URL is (version 5, RFC 9562 section 5.5), in capitals as Apple writes them. */
export function stableUuid(url: string): string {
  const bytes = createHash("sha1").update(urlNamespace).update(url, "utf8").digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
    .toUpperCase();
}
