/** Certificates and their keys from elsewhere: what is wrong with them before a server shows them. */

import type { KeyObject, X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { formatDay, formatMoment } from "../naming/moment.ts";
import { readCertificate, readPrivateKey } from "./pem.ts";

/** A certificate as a server shows it: its own first, then each one's issuer. */
export interface CertificateChain {
  readonly leaf: X509Certificate;
  /** What is between it and the root, in the order in which a server sends it; the root itself is not sent. */
  readonly intermediates: readonly X509Certificate[];
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Whether a text holds PEM, and is not the path of a file. */
export function isPem(text: string): boolean {
  return text.includes("-----BEGIN ");
}

/**
 * Reads a chain in PEM whatever its order; texts of OpenSSL's between the certificates are ignored.
 *
 * @returns `undefined` where there is none, or one of them cannot be read.
 */
export function readChain(pem: string): CertificateChain | undefined {
  const certificates = certificatesIn(pem);
  const [leaf, ...others] = certificates ?? [];
  if (leaf === undefined) return undefined;
  return { leaf, intermediates: others.filter((certificate) => !isSelfSigned(certificate)) };
}

/** A certificate as PEM. */
export function certificatePem(certificate: X509Certificate): string {
  return `${certificate.toString().trim()}\n`;
}

/** The names of `hostNames` that a certificate does not hold (RFC 9525: no common name, a wildcard is one whole label). */
export function namesMissing({ leaf }: CertificateChain, hostNames: readonly string[]): string[] {
  const rules = { subject: "never", partialWildcards: false, multiLabelWildcards: false } as const;
  return hostNames.filter((name) => leaf.checkHost(name, rules) === undefined);
}

/** The DNS names that a certificate holds. */
export function namesOf(certificate: X509Certificate): string[] {
  const entries = (certificate.subjectAltName ?? "").split(", ");
  return entries.flatMap((entry) => (entry.startsWith("DNS:") ? [entry.slice(4)] : []));
}

/** Who has issued a certificate, for people: its common name, or else its organization. */
export function issuerOf(certificate: X509Certificate): string {
  return shortName(certificate.issuer);
}

/** A third or less of the life is left: the share at which most issuers' clients renew. */
export function isNearItsEnd({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  return (to - now.getTime()) * 3 <= to - from;
}

/**
 * What is wrong with a chain, whatever it is for.
 *
 * @param authority - the authority that clients are given, PEM; without it public roots have to lead to it.
 */
export function chainProblems(pem: string, authority: string | undefined, now: Date): string[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return ["holds a private key, which belongs into key alone: write the certificates without it"];
  }
  const certificates = certificatesIn(pem);
  if (certificates === undefined) {
    return ["has a certificate that cannot be read: write each in PEM, whole, as the authority has sent it"];
  }
  const [leaf] = certificates;
  if (leaf === undefined) {
    return [
      "holds no certificate: write PEM (-----BEGIN CERTIFICATE-----), the server's own certificate first",
    ];
  }
  const order = orderProblem(certificates);
  if (order !== undefined) return [order];
  return [
    ...leafProblems(leaf),
    ...certificates.flatMap((certificate) => dateProblems(certificate, now)),
    ...rootProblems(certificates, authority),
  ];
}

/** What is wrong with the text of an authority's certificate. */
export function authorityProblem(pem: string, now: Date): string | undefined {
  const [authority, ...others] = certificatesIn(pem) ?? [];
  if (authority === undefined || others.length > 0) {
    return "is not a certificate: write the authority's own in PEM (-----BEGIN CERTIFICATE-----), and no other";
  }
  if (!authority.ca)
    return `${shortName(authority.subject)} is not an authority (CA:true is missing): write the root's`;
  return dateProblems(authority, now)[0];
}

/**
 * What is wrong with a private key for a chain's certificate.
 *
 * @param key - PEM, not encrypted.
 */
export function keyProblem(key: string, { leaf }: CertificateChain): string | undefined {
  if (/ENCRYPTED/.test(key)) return "is encrypted: write the key without its passphrase";
  const read = readPrivateKey(key);
  if (read === undefined) return "is not a private key in PEM (-----BEGIN PRIVATE KEY-----)";
  return kindProblem(read) ?? (leaf.checkPrivateKey(read) ? undefined : strangerProblem(leaf));
}

function strangerProblem(leaf: X509Certificate): string {
  return `does not belong to the certificate of ${namesOf(leaf)[0] ?? shortName(leaf.subject)}: write the key that it was requested with`;
}

/** What mail servers and clients all take; public authorities certify no other kinds. */
function kindProblem({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): string | undefined {
  const instead = "have a certificate issued for an ECDSA key on P-256, or an RSA key of 2048 bits or more";
  if (type === "rsa") {
    const bits = details?.modulusLength ?? 0;
    return bits >= 2048 && bits <= 8192 ? undefined : `is an RSA key of ${bits} bits: ${instead}`;
  }
  if (type !== "ec") return `is a key of the kind ${type}, which many clients refuse: ${instead}`;
  const curve = details?.namedCurve ?? "";
  return ["prime256v1", "secp384r1"].includes(curve)
    ? undefined
    : `is an ECDSA key on ${curve}, which many clients refuse: ${instead}`;
}

function certificatesIn(pem: string): X509Certificate[] | undefined {
  const read = (pem.match(block) ?? []).map(readCertificate);
  return read.every((certificate) => certificate !== undefined) ? read : undefined;
}

/** Each certificate has to be issued by the next (RFC 8446 section 4.4.2); TLS 1.2's clients insist on it. */
function orderProblem(certificates: readonly X509Certificate[]): string | undefined {
  const broken = certificates.findIndex((certificate, at) => {
    const next = certificates[at + 1];
    return next !== undefined && !isIssuedBy(certificate, next);
  });
  if (broken < 0) return undefined;
  const own = certificates.find(({ ca }) => !ca) ?? certificates[0];
  const sorted = own === undefined ? [] : followed(own, certificates);
  const name = (certificate: X509Certificate) => shortName(certificate.subject);
  if (sorted.length === certificates.length) {
    return `is in the wrong order: write ${sorted.map(name).join(", then ")}`;
  }
  const stranger = certificates.find((certificate) => !sorted.includes(certificate));
  const [first, next] = [certificates[broken], certificates[broken + 1]].map((each) => each && name(each));
  return stranger !== undefined && !stranger.ca
    ? `has two servers' certificates, ${name(own ?? stranger)} and ${name(stranger)}: write one in each chain`
    : `breaks off after ${first}: ${next} has not issued it; write the certificate of ${issuerOf(certificates[broken] ?? (own as X509Certificate))} behind it`;
}

/** A certificate and those of its issuers, as far as they are among the given ones. */
function followed(from: X509Certificate, among: readonly X509Certificate[]): X509Certificate[] {
  const path = [from];
  for (;;) {
    const last = path.at(-1);
    const next = among.find(
      (other) => last !== undefined && !path.includes(other) && isIssuedBy(last, other),
    );
    if (next === undefined) return path;
    path.push(next);
  }
}

const serverAuthentication = "1.3.6.1.5.5.7.3.1";

function leafProblems(leaf: X509Certificate): string[] {
  const name = shortName(leaf.subject);
  if (leaf.ca) return [`begins with the authority ${name}: write the server's own certificate before it`];
  const uses = leaf.keyUsage as readonly string[] | undefined;
  return [
    ...(namesOf(leaf).length === 0
      ? [
          `names no host as a subject alternative name, where clients look for it (RFC 9525): have it issued again`,
        ]
      : []),
    ...(uses === undefined || uses.includes(serverAuthentication)
      ? []
      : ["is not for servers (extended key usage serverAuth): have one issued for a TLS server"]),
  ];
}

function dateProblems({ subject, validFromDate, validToDate }: X509Certificate, now: Date): string[] {
  const name = shortName(subject);
  if (validToDate <= now) return [`${name} expired on ${formatDay(validToDate)}: write the renewed one`];
  if (validFromDate > now)
    return [`${name} is not valid before ${formatMoment(validFromDate)}: write one that is, or wait`];
  return [];
}

/** Whether a chain in PEM leads to a root that everybody knows. */
export function leadsToPublicRoot(pem: string): boolean {
  return leadsTo(certificatesIn(pem) ?? [], rootCertificates);
}

function leadsTo(certificates: readonly X509Certificate[], roots: readonly string[]): boolean {
  return roots.some((pem) => {
    const root = readCertificate(pem);
    return (
      root !== undefined && certificates.some((one) => one.raw.equals(root.raw) || isIssuedBy(one, root))
    );
  });
}

function rootProblems(certificates: readonly X509Certificate[], authority: string | undefined): string[] {
  const top = certificates.at(-1);
  if (top === undefined) return [];
  if (leadsTo(certificates, authority === undefined ? rootCertificates : [authority])) return [];
  const end = isSelfSigned(top) ? `${shortName(top.subject)} itself` : issuerOf(top);
  if (certificates.length === 1 && isSelfSigned(top)) {
    return [
      "is signed by itself, so that nobody trusts it: have it issued by an authority, or write issuer: private",
    ];
  }
  const append = isSelfSigned(top) ? "" : `append the certificate of ${end} if it stands between, or `;
  if (authority !== undefined) {
    return [
      `leads to ${end}, which is not issued by certificates.authority: ${append}write there the root that it leads to`,
    ];
  }
  return [
    `leads to ${end}, which is not a public root: ${append}write that authority's certificate as certificates.authority, which every client then has to trust`,
  ];
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** One that may sign no certificate is not its own issuer for `checkIssued`. */
function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.verify(certificate.publicKey);
}

/** @example "C=US\nO=Let's Encrypt\nCN=R11" → `R11` */
function shortName(distinguished: string): string {
  const part = (key: string) =>
    distinguished
      .split("\n")
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1);
  return part("CN") ?? part("O") ?? "a certificate without a name";
}
