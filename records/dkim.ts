import type { DnsRecord } from "./record.ts";
import { formatTagList, parseTagList } from "./tag-list.ts";

/**
 * The public half of a signing key (RFC 6376 section 3.6.1, RFC 8463 for Ed25519).
 *
 * @example `v=DKIM1; k=rsa; p=MIIBIjANBg…`
 */
export interface DkimKeyRecord {
  readonly keyType: "rsa" | "ed25519";
  /** Base64; empty when the key is revoked. */
  readonly publicKey: string;
}

export function formatDkim(key: DkimKeyRecord): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(key.publicKey))
    throw new Error("a DKIM public key is base64 without spaces");
  return formatTagList([
    ["v", "DKIM1"],
    ["k", key.keyType],
    ["p", key.publicKey],
  ]);
}

export function parseDkim(text: string): DkimKeyRecord {
  const tags = parseTagList(text);
  if ((tags.get("v") ?? "DKIM1") !== "DKIM1") throw new Error(`"${tags.get("v")}" is no version of DKIM`);
  const keyType = tags.get("k") ?? "rsa";
  if (keyType !== "rsa" && keyType !== "ed25519") throw new Error(`"${keyType}" is no DKIM key type`);
  const publicKey = tags.get("p");
  if (publicKey === undefined) throw new Error("a DKIM record has a p= tag");
  return { keyType, publicKey: publicKey.replace(/\s+/g, "") };
}

/** Where receivers look the key up: `<selector>._domainkey.<domain>` (RFC 6376 section 3.6.2.1). */
export function dkimRecord<Content>(
  domain: string,
  ttl: number,
  key: { readonly selector: string; readonly content: Content },
): DnsRecord<Content> {
  return {
    role: `dkim-${key.selector}`,
    name: `${key.selector}._domainkey.${domain}`,
    type: "TXT",
    ttl,
    content: key.content,
    why: `Public key by which receivers check the signature "${key.selector}" (DKIM, RFC 6376)`,
  };
}
