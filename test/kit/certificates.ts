/** Authorities that issue what a stack brings along: roots, what stands between, servers' certificates. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";

// The library's dependency injection refuses to load without it.
await import("reflect-metadata");
const x509 = await import("@peculiar/x509");

const signing = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
const day = 86_400_000;

export interface Validity {
  readonly from?: Date;
  readonly days?: number;
  /** The organization in its subject. @default none */
  readonly organization?: string;
}

export interface TestAuthority {
  readonly certificate: string;
  readonly key: KeyObject;
}

export const makeKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
export const pemOf = (key: KeyObject): string => String(key.export({ type: "pkcs8", format: "pem" }));

/** @param issuer - who has issued it; itself by default, which makes it a root. */
export async function makeAuthority(
  name: string,
  issuer?: TestAuthority,
  validity: Validity = {},
): Promise<TestAuthority> {
  const key = makeKey();
  const certificate = await certify(name, key, issuer ?? { certificate: "", key }, validity, [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);
  return { certificate, key };
}

export interface Wanted extends Validity {
  readonly key?: KeyObject;
  /** Its extended key usage. @default servers */
  readonly use?: "servers" | "clients";
}

/** A server's certificate, PEM. @param hostNames - names or addresses. */
export function makeLeaf(
  hostNames: readonly string[],
  issuer: TestAuthority,
  { key = makeKey(), use = "servers", ...validity }: Wanted = {},
): Promise<string> {
  return certify(hostNames[0] ?? "nameless", key, issuer, validity, [
    new x509.BasicConstraintsExtension(false),
    new x509.ExtendedKeyUsageExtension([use === "servers" ? serverAuth : clientAuth]),
    ...(hostNames.length === 0
      ? []
      : [
          new x509.SubjectAlternativeNameExtension(
            hostNames.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
          ),
        ]),
  ]);
}

async function certify(
  name: string,
  key: KeyObject,
  issuer: TestAuthority,
  { from = new Date(Date.now() - day), days = 90, organization }: Validity,
  extensions: X509.Extension[],
): Promise<string> {
  const own = new x509.Name([...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [name] }]);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: own,
    issuer: issuer.certificate === "" ? own : new x509.X509Certificate(issuer.certificate).subjectName,
    notBefore: from,
    notAfter: new Date(from.getTime() + days * day),
    signingAlgorithm: signing,
    signingKey: issuer.key.toCryptoKey(signing, false, ["sign"]),
    publicKey: new x509.PublicKey(publicKey),
    extensions,
  });
  return `${certificate.toString("pem").trim()}\n`;
}
