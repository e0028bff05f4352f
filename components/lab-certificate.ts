import * as pulumi from "@pulumi/pulumi";
import { authorityResource, leafResource } from "../naming/resources.ts";
import {
  CertificateAuthority,
  type DeclaredServerKey,
  ServerCertificate,
  type TlsaPlace,
} from "../provider/resources.ts";
import type { TlsPair } from "../servers/generation/tls-pair.ts";

/** A server's key and certificate, wherever they come from. */
export interface TlsCertificate {
  /** PKCS#8 PEM, a secret. */
  readonly privateKey: pulumi.Input<string>;
  /** The server's own certificate, PEM. */
  readonly certificate: pulumi.Input<string>;
  /** The certificates between it and the authority, PEM; empty when there is none. */
  readonly chain: pulumi.Input<string>;
}

/** The three, once they are known. */
export function tlsPair(source: TlsCertificate): pulumi.Output<TlsPair> {
  return pulumi
    .all([source.privateKey, source.certificate, source.chain])
    .apply(([privateKey, certificate, chain]) => ({ privateKey, certificate, chain }));
}

export interface LabCertificateArgs {
  /** Every name by which clients reach the server. */
  readonly hostNames: readonly string[];
  /** The name of its own authority, as people see it when they trust it. @example "vaamonde.pti lab authority" */
  readonly authorityName?: string | undefined;
  /** The authority that issues it, so that clients trust one for all. @default one of its own */
  readonly authority?: CertificateAuthority | undefined;
  /** How long the server's certificate is valid, in days; renewed when a third is left. @default 365 */
  readonly days?: number | undefined;
  /** The server's keys by name; one of them serves. @default { key1: { stage: "serving" } } */
  readonly keys?: Readonly<Record<string, DeclaredServerKey>> | undefined;
  /** Where others find the keys' TLSA records. @default there are none, and a key may change at once */
  readonly tlsa?: TlsaPlace | undefined;
}

/**
 * A server certificate from an authority of the stack's own, which clients must be configured to trust.
 *
 * ```ts
 * new LabCertificate("certificate", { hostNames: ["mail.example.org"], authorityName: "example.org authority" });
 * ```
 *
 * Creates the ServerCertificate, and the CertificateAuthority unless it is given one.
 */
export class LabCertificate extends pulumi.ComponentResource implements TlsCertificate {
  readonly privateKey: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
  /** The authority issues directly: nothing stands between. */
  readonly chain = pulumi.output("");
  readonly authority: CertificateAuthority;
  /** The authority's certificate, PEM: what clients have to trust. */
  readonly authorityCertificate: pulumi.Output<string>;

  #server: ServerCertificate;

  constructor(name: string, args: LabCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:LabCertificate", name, {}, opts);
    this.authority =
      args.authority ??
      new CertificateAuthority(
        authorityResource(name),
        { commonName: args.authorityName ?? `${args.hostNames[0]} authority` },
        { parent: this },
      );
    const certificate = new ServerCertificate(
      leafResource(name),
      {
        hostNames: [...args.hostNames],
        days: args.days,
        caCertificate: this.authority.certificate,
        caPrivateKey: this.authority.privateKey,
        keys: args.keys,
        tlsa: args.tlsa,
      },
      { parent: this },
    );
    this.#server = certificate;
    this.privateKey = certificate.privateKey;
    this.certificate = certificate.certificate;
    this.authorityCertificate = this.authority.certificate;
    this.registerOutputs({ authorityCertificate: this.authorityCertificate });
  }

  /** SHA-256 of a key's SubjectPublicKeyInfo, hex: the data of a TLSA `3 1 1` record. */
  digestOf(key: string): pulumi.Output<string> {
    // By the property, which is known in a preview also while that of another key is not.
    return this.#server.keyDigests[key] ?? pulumi.output("");
  }

  /** The server's certificate, which remembers when each key entered its stage. */
  get server(): ServerCertificate {
    return this.#server;
  }
}
