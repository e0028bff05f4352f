import { createPrivateKey } from "node:crypto";
import type { ConfigurationFile } from "../generation/configuration-file.ts";
import { requireDomain } from "./address.ts";

const SELECTOR = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Path of a DKIM key below the configuration volume. */
export function dkimKeyName(domain: string, selector: string): string {
  if (!SELECTOR.test(selector)) {
    throw new RangeError(`"${selector}" cannot be a DKIM selector: write one label of a-z, 0-9 and "-"`);
  }
  return `${requireDomain(domain)}.${selector}.key`;
}

/**
 * The private key that signs for `domain` under `selector`. SECRET.
 *
 * @param privateKeyPem RSA or Ed25519, PKCS#8.
 * @throws an error of OpenSSL if it is not a private key, or RangeError if it is of another kind.
 */
export function dkimKeyFile(domain: string, selector: string, privateKeyPem: string): ConfigurationFile {
  return { path: `rspamd/dkim/${dkimKeyName(domain, selector)}`, content: signingKey(privateKeyPem) };
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

/**
 * Key, certificate and chain in one file, which both Postfix and Dovecot read in this order: the pair can
 * only ever change as a whole. SECRET.
 */
export function tlsPairFile(
  privateKeyPem: string,
  certificatePem: string,
  chainPem: string,
): ConfigurationFile {
  const content = [privateKeyPem, certificatePem, chainPem].map(endLine).join("");
  return { path: "tls/pair.pem", content };
}

function endLine(pem: string): string {
  const text = pem.trim();
  return text === "" ? "" : `${text}\n`;
}
