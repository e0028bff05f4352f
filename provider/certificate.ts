import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  type webcrypto,
} from "node:crypto";
import type * as X509 from "@peculiar/x509";
import { type Lifetime, notBefore } from "./lifetime.ts";

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A new ECDSA P-256 key. */
export function makeKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** A key as PEM of PKCS#8. */
export function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** Issues an authority's certificate, signed by itself, PEM. */
export async function issueAuthorityCertificate(
  commonName: string,
  life: Lifetime,
  key: KeyObject,
): Promise<string> {
  const x509 = await loadX509();
  const publicKey = await publicCryptoKey(key);
  const name = distinguishedName(x509, commonName);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: name,
    issuer: name,
    notBefore: notBefore(life.issuedAt),
    notAfter: life.notAfter,
    signingAlgorithm: SIGNING,
    signingKey: await privateCryptoKey(key),
    publicKey,
    extensions: [
      // It issues servers' certificates and no further authorities: path length 0.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return toPem(certificate);
}

/** Issues a server's certificate for all of its names, PEM. */
export async function issueServerCertificate(
  hostNames: readonly [string, ...string[]],
  life: Lifetime,
  key: KeyObject,
  authority: { readonly certificate: string; readonly key: KeyObject },
): Promise<string> {
  const x509 = await loadX509();
  const publicKey = await publicCryptoKey(key);
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: subjectOf(x509, hostNames),
    issuer: issuer.subjectName,
    notBefore: notBefore(life.issuedAt),
    notAfter: life.notAfter,
    signingAlgorithm: SIGNING,
    signingKey: await privateCryptoKey(authority.key),
    publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      alternativeNames(x509, hostNames),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      new x509.AuthorityKeyIdentifierExtension(authorityKeyId(x509, issuer)),
    ],
  });
  return toPem(certificate);
}

/** A certificate that a server shows until it has another one: signed by its own key, PEM. */
export async function issueTemporaryCertificate(
  hostNames: readonly [string, ...string[]],
  life: Lifetime,
  key: KeyObject,
): Promise<string> {
  const x509 = await loadX509();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerialNumber(),
    name: subjectOf(x509, hostNames),
    notBefore: notBefore(life.issuedAt),
    notAfter: life.notAfter,
    signingAlgorithm: SIGNING,
    keys: { privateKey: await privateCryptoKey(key), publicKey: await publicCryptoKey(key) },
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      alternativeNames(x509, hostNames),
    ],
  });
  return toPem(certificate);
}

/**
 * What an authority is asked for a certificate with (PKCS #10, RFC 2986), PEM. The authority takes the names from the
 * extension; the subject is empty, since many refuse a name there that is not one of them.
 */
export async function makeCertificateRequest(hostNames: readonly string[], key: KeyObject): Promise<string> {
  const x509 = await loadX509();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    signingAlgorithm: SIGNING,
    keys: { privateKey: await privateCryptoKey(key), publicKey: await publicCryptoKey(key) },
    extensions: [
      new x509.SubjectAlternativeNameExtension(hostNames.map((value) => ({ type: "dns" as const, value }))),
    ],
  });
  return `${request.toString("pem").trim()}\n`;
}

function subjectOf(x509: typeof X509, hostNames: readonly string[]): X509.Name | string {
  // A common name has at most 64 characters (RFC 5280 appendix A.1), a host name up to 253.
  const commonName = hostNames.find((name) => name.length <= 64);
  return commonName === undefined ? "" : distinguishedName(x509, commonName);
}

/** RFC 5280 section 4.2.1.6: critical exactly when the subject is empty. */
function alternativeNames(
  x509: typeof X509,
  hostNames: readonly string[],
): X509.SubjectAlternativeNameExtension {
  const names = hostNames.map((value) => ({ type: "dns" as const, value }));
  return new x509.SubjectAlternativeNameExtension(names, subjectOf(x509, hostNames) === "");
}

/**
 * Only a resource that issues something pays for the library: it takes longer to load than the rest of the
 * provider, and most previews issue nothing.
 */
async function loadX509(): Promise<typeof X509> {
  // The library's dependency injection refuses to load without it.
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

function authorityKeyId(x509: typeof X509, issuer: X509.X509Certificate): string {
  const identifier = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  if (identifier === null) {
    throw new Error("caCertificate has no subject key identifier; issue it again with CertificateAuthority");
  }
  return identifier.keyId;
}

/** 16 random bytes; the first bits 01 keep the number positive and its length the same. */
function makeSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function distinguishedName(x509: typeof X509, commonName: string): X509.Name {
  // From data and not from a text such as "CN=…", in which a comma would begin another part.
  return new x509.Name([{ CN: [{ utf8String: commonName }] }]);
}

function privateCryptoKey(key: KeyObject): webcrypto.CryptoKey {
  return key.toCryptoKey(SIGNING, false, ["sign"]);
}

function publicCryptoKey(key: KeyObject): webcrypto.CryptoKey {
  return createPublicKey(key).toCryptoKey(SIGNING, true, ["verify"]);
}

function toPem(certificate: X509.X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}
