import * as pulumi from "@pulumi/pulumi";
import { authorityResource, leafResource } from "../naming/resources.ts";
import { CertificateAuthority, ServerCertificate } from "../provider/resources.ts";
import {
  type CertificateRequest,
  type IssuedCertificate,
  type Issuer,
  LAB_CERTIFICATE,
  withOtherKinds,
} from "./issuer.ts";

export interface LabCertificateArgs extends CertificateRequest {
  /**
   * The name of its own authority, as people see it when they trust it.
   *
   * @default the first host name, and "authority"
   * @example "vaamonde.pti lab authority"
   */
  readonly authorityName?: pulumi.Input<string> | undefined;
  /** The authority that issues it, so that clients trust one for all. @default one of its own */
  readonly authority?: CertificateAuthority | undefined;
  /** How long the server's certificate is valid, in days; renewed when a third is left. @default 365 */
  readonly days?: pulumi.Input<number> | undefined;
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
export class LabCertificate extends pulumi.ComponentResource implements IssuedCertificate {
  readonly privateKey: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
  /** The authority issues directly: nothing stands between. */
  readonly chain = pulumi.output("");
  readonly authority: CertificateAuthority;
  /** The authority's certificate, PEM: what clients have to trust. */
  readonly authorityCertificate: pulumi.Output<string>;

  #server: ServerCertificate;

  constructor(name: string, args: LabCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super(LAB_CERTIFICATE, name, {}, withOtherKinds(LAB_CERTIFICATE, opts));
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
    const { chain, authorityCertificate } = this;
    this.registerOutputs({ certificate: this.certificate, chain, authorityCertificate });
  }

  /** SHA-256 of a key's SubjectPublicKeyInfo, hex: the data of a TLSA `3 1 1` record. */
  digestOf(key: string): pulumi.Output<string> {
    // By the property, which is known in a preview also while that of another key is not.
    return this.#server.keyDigests[key] ?? pulumi.output("");
  }

  /** Its resources, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): { readonly authority: CertificateAuthority; readonly certificate: ServerCertificate } {
    return { authority: this.authority, certificate: this.#server };
  }

  /** The server's certificate, which remembers when each key entered its stage. */
  get stages(): ServerCertificate {
    return this.#server;
  }
}

/** Issues from one authority of the stack's own, which is created with the first certificate. */
export class PrivateIssuer implements Issuer {
  readonly #authorityName: string;
  #authority: CertificateAuthority | undefined;

  /** @param authorityName - as people see it when they trust it: at most 64 characters (RFC 5280 appendix A.1). */
  constructor(authorityName: string) {
    this.#authorityName = authorityName;
  }

  issue(name: string, request: CertificateRequest): LabCertificate {
    const args = { ...request, authorityName: this.#authorityName, authority: this.#authority };
    const certificate = new LabCertificate(name, args);
    this.#authority ??= certificate.authority;
    return certificate;
  }
}
