/** Private keys for DKIM from elsewhere: read in the forms that signers keep them in. */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** A key that may sign mail. */
export interface SigningKeyPair {
  readonly type: "rsa" | "ed25519";
  /** The length of an RSA key's modulus; 256 for Ed25519. */
  readonly bits: number;
  /** PKCS#8, PEM. SECRET. */
  readonly privateKeyPem: string;
  readonly publicKey: KeyObject;
}

/** RFC 8301 section 3.2: shorter keys are not to be used, longer ones need not be verified. */
const shortest = 1024;
const longest = 4096;

/**
 * Reads a private key: PEM (PKCS#8 or PKCS#1), as OpenSSL and OpenDKIM write it, or base64 of an Ed25519 key's seed,
 * alone or with the public key behind it, as Rspamd does.
 *
 * @throws RangeError if it is none, is encrypted, or is of a kind or length that DKIM does not allow.
 */
export function readSigningKey(text: string): SigningKeyPair {
  const key = privateKey(text);
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519") {
    throw new RangeError(`is a key of the kind ${type}; DKIM takes RSA or Ed25519 (RFC 8301, RFC 8463)`);
  }
  const bits = type === "rsa" ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 256;
  if (type === "rsa" && (bits < shortest || bits > longest)) {
    throw new RangeError(
      `is an RSA key of ${bits} bits; receivers take ${shortest} to ${longest} (RFC 8301 section 3.2)`,
    );
  }
  const privateKeyPem = key.export({ type: "pkcs8", format: "pem" }) as string;
  return { type, bits, privateKeyPem, publicKey: createPublicKey(key) };
}

/** The fixed head of an Ed25519 key's PKCS#8 (RFC 8410 section 7), before its 32 bytes. */
const ed25519Head = Buffer.from("302e020100300506032b657004220420", "hex");

function privateKey(text: string): KeyObject {
  const trimmed = text.trim();
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(trimmed)) return rawEd25519(Buffer.from(trimmed, "base64"));
  if (/ENCRYPTED/.test(trimmed)) throw new RangeError("is encrypted: write the key without its passphrase");
  try {
    return createPrivateKey(trimmed);
  } catch {
    // OpenSSL's own words would not help, and might quote the key.
    throw new RangeError("is not a private key in PEM (-----BEGIN PRIVATE KEY-----)");
  }
}

function rawEd25519(raw: Buffer): KeyObject {
  if (raw.length !== 32 && raw.length !== 64) {
    throw new RangeError("is not a private key: neither PEM nor base64 of an Ed25519 key (32 or 64 bytes)");
  }
  const der = Buffer.concat([ed25519Head, raw.subarray(0, 32)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = Buffer.from(createPublicKey(key).export({ format: "jwk" }).x ?? "", "base64url");
  if (raw.length === 64 && !publicKey.equals(raw.subarray(32))) {
    throw new RangeError("is not a valid private key: its two halves do not match");
  }
  return key;
}

/** The kinds of key that a stack file names. */
export type SigningAlgorithm = "rsa" | "rsa-2048" | "ed25519";

/**
 * What is wrong with a key for the algorithm that is declared with it; `undefined` when nothing is.
 *
 * @param algorithm `rsa` accepts any length that DKIM allows.
 */
export function signingKeyProblem(text: string, algorithm: SigningAlgorithm): string | undefined {
  try {
    const { type, bits } = readSigningKey(text);
    const kind = type === "rsa" ? `an RSA key of ${bits} bits` : "an Ed25519 key";
    const right = type === "rsa" ? (bits === 2048 ? ["rsa", "rsa-2048"] : ["rsa"]) : ["ed25519"];
    return right.includes(algorithm)
      ? undefined
      : `is ${kind}, not of the algorithm "${algorithm}": write algorithm "${right.at(-1)}"`;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
