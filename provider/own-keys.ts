/** Keys of a server that come with certificates from elsewhere. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readCertificate, readPrivateKey } from "../keys/pem.ts";
import { keyPem } from "./certificate.ts";
import type { InputReader, Maybe } from "./inputs.ts";
import { isMap, unknown, type Value, type Values } from "./wire.ts";

/** A key's certificate and what stands between it and the root, PEM. */
export interface OwnCertificate {
  readonly certificate: string;
  readonly chain: string;
}

/** Reads and checks them, each under its key's name. @returns whether all of them are right */
export function checkOwnKeys(reader: InputReader): boolean {
  const before = reader.failures.length;
  const certificates = reader.sections("ownCertificates");
  const keys = reader.textMap(
    "ownKeys",
    () => undefined,
    (text) => (readPrivateKey(text) === undefined ? "must be an unencrypted private key in PEM" : undefined),
  );
  if (certificates === undefined || certificates === unknown) return certificates === unknown;
  for (const [name, { certificate }] of Object.entries(certificates)) {
    const place = `ownCertificates[${JSON.stringify(name)}].certificate`;
    if (typeof certificate !== "string") {
      if (certificate !== unknown) reader.fail(place, "is missing");
      continue;
    }
    const read = readCertificate(certificate);
    const key = keys === undefined || keys === unknown ? undefined : keys.get(name);
    if (read === undefined) reader.fail(place, "must be a certificate in PEM");
    else if (typeof key === "string" && !read.checkPrivateKey(createPrivateKey(key))) {
      reader.fail(place, "does not belong to the key of this name: take both from the same request");
    }
  }
  return reader.failures.length === before;
}

/** The key of that name, where it comes from elsewhere. */
export function ownKeyOf(
  { ownKeys }: Values,
  name: string,
): { readonly privateKey: Value; readonly spkiSha256: Value } | undefined {
  if (ownKeys === unknown) return { privateKey: unknown, spkiSha256: unknown };
  if (!isMap(ownKeys)) return undefined;
  const key = ownKeys[name];
  if (key === undefined) return undefined;
  if (typeof key !== "string") return { privateKey: unknown, spkiSha256: unknown };
  return keyPair(createPrivateKey(key));
}

/** The certificate that comes with a key; `undefined` where an authority of the stack's own issues it. */
export function ownCertificateOf({ ownCertificates }: Values, name: string): Maybe<OwnCertificate> {
  if (ownCertificates === unknown) return unknown;
  const own = isMap(ownCertificates) ? ownCertificates[name] : undefined;
  if (!isMap(own)) return own === unknown ? unknown : undefined;
  const { certificate, chain } = own;
  return typeof certificate === "string" && typeof chain === "string" ? { certificate, chain } : unknown;
}

/** A private key as PKCS#8 PEM, and the SHA-256 of its SubjectPublicKeyInfo, hex. */
export function keyPair(key: KeyObject): { readonly privateKey: string; readonly spkiSha256: string } {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  return { privateKey: keyPem(key), spkiSha256: createHash("sha256").update(publicKey).digest("hex") };
}
