import * as pulumi from "@pulumi/pulumi";
import { leafResource, serverOfCertificate } from "../naming/resources.ts";
import type { AcmeAccount } from "../provider/resources.ts";
import { ServerCertificate } from "../provider/resources.ts";
import type { CertificateOrderArgs } from "./certificate-agent.ts";
import {
  ACME_CERTIFICATE,
  type CertificateRequest,
  type IssuedCertificate,
  type Issuer,
  withOtherKinds,
} from "./issuer.ts";

export interface AcmeCertificateArgs extends CertificateRequest {
  /**
   * The root that issues it, PEM, for clients that do not know it.
   *
   * @default they know it already
   * @example readFileSync("root.pem", "utf8")
   */
  readonly authorityCertificate?: pulumi.Input<string> | undefined;
}

/**
 * A server's key, and the request with which a {@link CertificateAgent} asks an authority for its certificate. What it
 * has itself is a temporary one: servers show it until the agent has left another one on their volume.
 *
 * ```ts
 * const certificate = new AcmeCertificate("certificate", { hostNames: ["mail.example.org"] });
 * ```
 *
 * Creates the ServerCertificate.
 */
export class AcmeCertificate extends pulumi.ComponentResource implements IssuedCertificate {
  readonly privateKey: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
  /** Nobody stands above a certificate that its own key has signed. */
  readonly chain = pulumi.output("");
  /** What the authority is asked with (PKCS #10), PEM. */
  readonly request: pulumi.Output<string>;
  readonly authorityCertificate: pulumi.Output<string> | undefined;

  #server: ServerCertificate;

  constructor(name: string, args: AcmeCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hostNames, days, keys, tlsa, authorityCertificate } = args;
    super(ACME_CERTIFICATE, name, {}, withOtherKinds(ACME_CERTIFICATE, opts));
    this.#server = new ServerCertificate(
      leafResource(name),
      { hostNames: [...hostNames], days, keys, tlsa, temporary: true },
      { parent: this },
    );
    this.privateKey = this.#server.privateKey;
    this.certificate = this.#server.certificate;
    this.request = this.#server.request;
    this.authorityCertificate =
      authorityCertificate === undefined ? undefined : pulumi.output(authorityCertificate);
    const { certificate, chain, request } = this;
    this.registerOutputs({ certificate, chain, request, authorityCertificate: this.authorityCertificate });
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

/** Makes keys and requests; the orders are for a {@link CertificateAgent}. */
export class AcmeIssuer implements Issuer {
  readonly account: AcmeAccount;
  readonly #authorityCertificate: string | undefined;
  readonly #elsewhere: ReadonlySet<string>;
  readonly #orders: CertificateOrderArgs[] = [];

  /**
   * @param account - in whose name the agent asks.
   * @param authorityCertificate - the root that issues, where clients do not know it.
   * @param elsewhere - names that lead elsewhere: one of them would fail the order of all that are in it.
   */
  constructor(
    account: AcmeAccount,
    authorityCertificate: string | undefined,
    elsewhere: ReadonlySet<string> = new Set(),
  ) {
    this.account = account;
    this.#authorityCertificate = authorityCertificate;
    this.#elsewhere = elsewhere;
  }

  issue(name: string, request: CertificateRequest): AcmeCertificate {
    const led = request.hostNames.filter((host) => !this.#elsewhere.has(host));
    // Without a name there is still a key, and a server that shows what it has.
    const hostNames = led.length > 0 ? led : request.hostNames;
    const certificate = new AcmeCertificate(name, {
      ...request,
      hostNames,
      authorityCertificate: this.#authorityCertificate,
    });
    if (led.length > 0) {
      const { formerKeyLeaked } = request;
      const pair = serverOfCertificate(name);
      this.#orders.push({ name: pair, hostNames, request: certificate.request, formerKeyLeaked });
    }
    return certificate;
  }

  /** What is to be ordered for the certificates that were issued so far. */
  get orders(): readonly CertificateOrderArgs[] {
    return this.#orders;
  }
}
