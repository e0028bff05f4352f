import * as pulumi from "@pulumi/pulumi";
import { leafResource } from "../naming/resources.ts";
import { ServerCertificate } from "../provider/resources.ts";
import {
  type CertificateRequest,
  type IssuedCertificate,
  type Issuer,
  OWN_CERTIFICATE,
  withOtherKinds,
} from "./issuer.ts";

export interface OwnCertificateArgs extends CertificateRequest {
  /**
   * The root that has issued it, PEM, for clients that do not know it.
   *
   * @default they know it already
   * @example readFileSync("root.pem", "utf8")
   */
  readonly authorityCertificate?: pulumi.Input<string> | undefined;
}

/**
 * A server certificate that somebody else has issued, with its key: the one of `keys` that serves brings both along.
 *
 * ```ts
 * const own = { privateKey: config.requireSecret("key"), certificate, chain };
 * new OwnCertificate("certificate", { hostNames: ["mail.example.org"], keys: { own: { stage: "serving", own } } });
 * ```
 *
 * Creates the ServerCertificate.
 */
export class OwnCertificate extends pulumi.ComponentResource implements IssuedCertificate {
  readonly privateKey: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
  readonly chain: pulumi.Output<string>;
  readonly authorityCertificate: pulumi.Output<string> | undefined;

  #server: ServerCertificate;

  constructor(name: string, args: OwnCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hostNames, keys = {}, tlsa, authorityCertificate } = args;
    const serving = Object.values(keys).find(({ stage }) => stage === "serving");
    if (serving?.own === undefined) {
      throw new pulumi.RunError(
        `${name}: keys has none that serves with a certificate of its own: write its own`,
      );
    }
    super(OWN_CERTIFICATE, name, {}, withOtherKinds(OWN_CERTIFICATE, opts));
    this.#server = new ServerCertificate(
      leafResource(name),
      { hostNames: [...hostNames], keys, tlsa },
      { parent: this },
    );
    this.privateKey = this.#server.privateKey;
    this.certificate = this.#server.certificate;
    this.chain = pulumi.output(serving.own.chain);
    this.authorityCertificate =
      authorityCertificate === undefined ? undefined : pulumi.output(authorityCertificate);
    const { certificate, chain } = this;
    this.registerOutputs({ certificate, chain, authorityCertificate: this.authorityCertificate });
  }

  /** SHA-256 of a key's SubjectPublicKeyInfo, hex: the data of a TLSA `3 1 1` record. */
  digestOf(key: string): pulumi.Output<string> {
    return this.#server.keyDigests[key] ?? pulumi.output("");
  }

  /** Its resource, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): { readonly certificate: ServerCertificate } {
    return { certificate: this.#server };
  }

  /** The server's certificate, which remembers when each key entered its stage. */
  get stages(): ServerCertificate {
    return this.#server;
  }
}

/** Hands out certificates that the settings bring along. */
export class FileIssuer implements Issuer {
  readonly #authorityCertificate: string | undefined;

  /** @param authorityCertificate - the root that has issued them, where clients do not know it. */
  constructor(authorityCertificate: string | undefined) {
    this.#authorityCertificate = authorityCertificate;
  }

  issue(name: string, request: CertificateRequest): OwnCertificate {
    return new OwnCertificate(name, { ...request, authorityCertificate: this.#authorityCertificate });
  }
}
