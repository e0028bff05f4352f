/** Whoever issues the certificates of a stack's servers. */
import * as pulumi from "@pulumi/pulumi";
import type { DeclaredServerKey, ServerCertificate, TlsaPlace } from "../provider/resources.ts";
import type { TlsPair } from "../servers/generation/tls-pair.ts";

/** The kinds of certificate. A server whose certificate becomes one of another kind keeps its keys: each names the others. */
export const LAB_CERTIFICATE = "maildomain:index:LabCertificate";
export const OWN_CERTIFICATE = "maildomain:index:OwnCertificate";
export const ACME_CERTIFICATE = "maildomain:index:AcmeCertificate";

/** Where a server's certificate was of another kind before, the server keeps its keys and their stages. */
export function withOtherKinds(
  own: string,
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions {
  const others = [LAB_CERTIFICATE, OWN_CERTIFICATE, ACME_CERTIFICATE].filter((kind) => kind !== own);
  return pulumi.mergeOptions(opts, { aliases: others.map((type) => ({ type })) });
}

/** A server's key and certificate, wherever they come from. */
export interface TlsCertificate {
  /** PKCS#8 PEM, a secret. @example fs.readFileSync("key.pem", "utf8") */
  readonly privateKey: pulumi.Input<string>;
  /** The server's own certificate, PEM. @example fs.readFileSync("certificate.pem", "utf8") */
  readonly certificate: pulumi.Input<string>;
  /** The certificates between it and the authority, PEM; empty when there is none. @example "" */
  readonly chain: pulumi.Input<string>;
}

/** The three, once they are known. */
export function tlsPair(source: TlsCertificate): pulumi.Output<TlsPair> {
  return pulumi
    .all([source.privateKey, source.certificate, source.chain])
    .apply(([privateKey, certificate, chain]) => ({ privateKey, certificate, chain }));
}

/** What a server needs a certificate for. */
export interface CertificateRequest {
  /** Every name by which clients reach the server. @example ["mail.example.org", "imap.example.org"] */
  readonly hostNames: readonly string[];
  /** How long it is valid, in days, where the issuer lets others choose. @default the issuer's choice @example 90 */
  readonly days?: pulumi.Input<number> | undefined;
  /** The server's keys by name; one of them serves. @default { key1: { stage: "serving" } } */
  readonly keys?: Readonly<Record<string, DeclaredServerKey>> | undefined;
  /** Whether others may have a key that is retired, whose certificate is then revoked for this reason. @default false */
  readonly formerKeyLeaked?: boolean | undefined;
  /** Where others find the keys' TLSA records. @default there are none, and a key may change at once */
  readonly tlsa?: TlsaPlace | undefined;
}

/** All that a stack relies on of a certificate. */
export interface IssuedCertificate extends TlsCertificate {
  /** When each key entered its stage; servers are declared once the engine has accepted it. */
  readonly stages: pulumi.Resource & Pick<ServerCertificate, "keys">;
  /** The authority that clients must be configured to trust, PEM; `undefined` where they know it already. */
  readonly authorityCertificate?: pulumi.Output<string> | undefined;
  /** SHA-256 of a key's SubjectPublicKeyInfo, hex: the data of a TLSA `3 1 1` record. */
  digestOf(key: string): pulumi.Output<string>;
}

export interface Issuer {
  /** Declares a server's certificate. The issuer of one stack issues all of them. */
  issue(name: string, request: CertificateRequest): IssuedCertificate;
}
