import { createPrivateKey } from "node:crypto";
import { selectorForm } from "../../records/index.ts";
import type { SealedFile } from "../generation/configuration-file.ts";
import { endLine } from "../generation/tls-pair.ts";
import { requireDomain } from "./address.ts";

/** Name of a DKIM key's file. */
export function dkimKeyName(domain: string, selector: string): string {
  if (!selectorForm.test(selector)) {
    throw new RangeError(`"${selector}" cannot be a DKIM selector: write one label of a-z, 0-9 and "-"`);
  }
  return `${requireDomain(domain)}.${selector}.key`;
}

/**
 * The private key that signs for `domain` under `selector`: PKCS#8, RSA or Ed25519. Rspamd reads it.
 *
 * @throws RangeError if the selector cannot be one. Rendering throws an error of OpenSSL if there is no private key,
 * or a RangeError if it is of another kind.
 */
export function dkimKeyFile(domain: string, selector: string): SealedFile<string> {
  return {
    path: `rspamd/dkim/${dkimKeyName(domain, selector)}`,
    owner: "root:_rspamd",
    mode: 0o640,
    render: signingKey,
  };
}

/** Rspamd reads RSA keys as PEM, but Ed25519 keys only in libsodium's form: seed and public key, base64. */
function signingKey(privateKeyPem: string): string {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType === "rsa") return endLine(privateKeyPem);
  if (key.asymmetricKeyType !== "ed25519") {
    throw new RangeError(`DKIM keys are RSA or Ed25519 (RFC 8301, RFC 8463), not ${key.asymmetricKeyType}`);
  }
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const parts = [d, x].map((part) => Buffer.from(part, "base64url"));
  return `${Buffer.concat(parts).toString("base64")}\n`;
}
