import { requireDomain } from "./address.ts";
import type { ConfigurationFile } from "./configuration-file.ts";

const SELECTOR = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Path of a DKIM key below the configuration volume. */
export function dkimKeyName(domain: string, selector: string): string {
  if (!SELECTOR.test(selector)) {
    throw new RangeError(`"${selector}" cannot be a DKIM selector: write one label of a-z, 0-9 and "-"`);
  }
  return `${requireDomain(domain)}.${selector}.key`;
}

/** The private key that signs for `domain` under `selector`, PKCS#8 PEM. SECRET. */
export function dkimKeyFile(domain: string, selector: string, privateKeyPem: string): ConfigurationFile {
  return { path: `rspamd/dkim/${dkimKeyName(domain, selector)}`, content: endLine(privateKeyPem) };
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
