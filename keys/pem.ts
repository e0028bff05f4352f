/** Certificates and private keys in PEM, as others write them. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** @returns `undefined` where the text is not a certificate. */
export function readCertificate(pem: string): X509Certificate | undefined {
  return attempt(() => new X509Certificate(pem));
}

/** @returns `undefined` where the text is not a private key, or is an encrypted one. */
export function readPrivateKey(pem: string): KeyObject | undefined {
  return attempt(() => createPrivateKey(pem));
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/**
 * The SHA-256 fingerprint of a certificate, by which people compare two: 64 hexadecimal digits.
 *
 * @returns `undefined` where the text is not a certificate.
 */
export function fingerprintOf(pem: string): string | undefined {
  return readCertificate(pem)?.fingerprint256.replaceAll(":", "").toLowerCase();
}
