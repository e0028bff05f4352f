import { FormError } from "./form-error.ts";
import { selectorForm } from "./mail-address.ts";
import type { DnsRecord } from "./record.ts";
import { formatTagList, parseTagList } from "./tag-list.ts";

/** Flags of a key record: `y`, signing is being tried out; `s`, no subdomain may use it. */
export type DkimFlag = "y" | "s";

/**
 * The public half of a signing key (RFC 6376 section 3.6.1, RFC 8463 for Ed25519).
 *
 * @example `v=DKIM1; k=rsa; p=MIIBIjANBg…`; `v=DKIM1; p=` for a key that is revoked
 */
export interface DkimKeyRecord {
  readonly keyType: "rsa" | "ed25519";
  /** Base64; empty when the key is revoked. */
  readonly publicKey: string;
  /** @default none */
  readonly flags?: readonly DkimFlag[] | undefined;
  /** The hashes that signatures may use. @default all */
  readonly hashes?: readonly string[] | undefined;
  /** The services that the key is for. @default all */
  readonly services?: readonly string[] | undefined;
}

/** A key that no longer signs, or a name that never had one. */
export const revokedKey: DkimKeyRecord = { keyType: "rsa", publicKey: "" };

export function formatDkim({ keyType, publicKey, flags = [] }: DkimKeyRecord): string {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(publicKey)) {
    throw new Error("a DKIM public key is base64 without spaces");
  }
  return formatTagList([
    ["v", "DKIM1"],
    // RSA is the default (section 3.6.1), and a revoked key is of no kind.
    ["k", publicKey === "" && keyType === "rsa" ? undefined : keyType],
    ["t", flags.length === 0 ? undefined : flags.join(":")],
    ["p", publicKey],
  ]);
}

/**
 * Tags that are unknown, and notes, are ignored as receivers do (RFC 6376 section 3.2).
 *
 * @throws FormError for what makes receivers ignore the key.
 */
export function parseDkim(text: string): DkimKeyRecord {
  const tags = parseTagList(text);
  const [first] = tags.keys();
  const version = tags.get("v") ?? "DKIM1";
  if (version !== "DKIM1") throw new FormError(`"${version}" is not a version of DKIM`, "use DKIM1");
  if (tags.has("v") && first !== "v")
    throw new FormError(
      "v=DKIM1 is not the first tag",
      "write it first, or leave it out (RFC 6376 section 3.6.1)",
    );
  const keyType = tags.get("k") ?? "rsa";
  if (keyType !== "rsa" && keyType !== "ed25519")
    throw new FormError(`"${keyType}" is not a DKIM key type`, "use rsa or ed25519");
  const publicKey = tags.get("p");
  if (publicKey === undefined) throw new FormError("a DKIM record has a p= tag", "write the key after p=");
  const known = list(tags.get("t")).filter((flag): flag is DkimFlag => flag === "y" || flag === "s");
  const [hashes, services] = [list(tags.get("h")), list(tags.get("s"))];
  return {
    keyType,
    publicKey: publicKey.replace(/\s+/g, ""),
    ...(known.length === 0 ? {} : { flags: known }),
    ...(hashes.length === 0 ? {} : { hashes }),
    ...(services.length === 0 ? {} : { services }),
  };
}

function list(value = ""): string[] {
  return value
    .split(":")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** @internal A selector (RFC 6376 section 3.1): labels joined by dots, no wildcard. */
export function selectorProblem(selector: string): string | undefined {
  const labels = selector.split(".");
  return labels.every((label) => selectorForm.test(label))
    ? undefined
    : `"${selector}" is not a valid DKIM selector: use letters, digits and hyphens, lower case, such as rsa1`;
}

/** Where receivers look the key up: `<selector>._domainkey.<domain>` (RFC 6376 section 3.6.2.1). */
export function dkimRecord<Content>(
  domain: string,
  ttl: number,
  key: { readonly selector: string; readonly content: Content },
): DnsRecord<Content> {
  const problem = selectorProblem(key.selector);
  if (problem !== undefined) throw new Error(problem);
  return {
    role: `dkim-${key.selector}`,
    name: `${key.selector}._domainkey.${domain}`,
    type: "TXT",
    ttl,
    content: key.content,
    why: "The public key by which others check the domain's signatures (DKIM, RFC 6376 3.6)",
  };
}
