/** The resources of the `maildomain` provider, as a program declares them. */

import * as pulumi from "@pulumi/pulumi";
import type { SigningAlgorithm } from "../keys/signing-key.ts";
import { mostEntries, textOfList, textOfMap } from "../naming/large-map.ts";
import project from "../package.json" with { type: "json" };
import type { DmarcPolicy } from "../records/dmarc.ts";
import type { MtaStsPolicy } from "../records/mta-sts.ts";
import type { DnssecStage } from "../stages/dnssec-ladder.ts";
import type { KeyStage, StagedKeys } from "../stages/key-rotation.ts";
import type { StagedMtaSts } from "../stages/mta-sts-ladder.ts";
import type { Staged } from "../stages/staged.ts";
import { unpackedText } from "./packed-text.ts";
import { isProviderFound, providerNotFound } from "./provider-program.ts";

let isFound: boolean | undefined;

/** A resource of the provider. */
class ProvidedResource extends pulumi.CustomResource {
  /** @throws RunError where the CLI, if there is one, would not find the provider: its own words send people elsewhere. */
  constructor(type: string, name: string, inputs: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    // Only a program that the CLI has started has this variable.
    isFound ??=
      process.env.PULUMI_NODEJS_MONITOR === undefined || isProviderFound(process.env, process.cwd());
    if (!isFound) throw new pulumi.RunError(providerNotFound.replace("VERSION", project.version));
    super(type, name, inputs, opts);
  }
}

/** What a {@link DkimKey} is made from. */
export interface DkimKeyArgs {
  /**
   * The kind of key. Receivers all verify `rsa-2048`; `ed25519` (RFC 8463) makes a far shorter record, but
   * many receivers ignore it, so it belongs beside an RSA key and not in its place.
   * Another algorithm would be another key under the same selector, and is refused: add a selector.
   *
   * @example "rsa-2048"
   */
  readonly algorithm: SigningAlgorithm;
  /**
   * A key from elsewhere that is taken over instead of making one: PEM, of the kind that `algorithm` names; `rsa`
   * stands for RSA of any length, 1024 to 4096 bits. Kept as a secret. Another key replaces the resource. Once the
   * key is in the state it may be left out.
   */
  readonly privateKey?: pulumi.Input<string> | undefined;
}

/**
 * A key pair that signs a domain's outgoing mail (DKIM, RFC 6376). Made once, kept until it is replaced.
 *
 * ```ts
 * const key = new DkimKey("ed", { algorithm: "ed25519" });
 * ```
 */
export class DkimKey extends ProvidedResource {
  /** The kind of the key. */
  declare readonly algorithm: pulumi.Output<string>;
  /**
   * What goes into the DNS record's `p=` tag: base64 of the SubjectPublicKeyInfo for RSA, of the bare
   * 32 bytes for Ed25519 (RFC 8463 section 4.2).
   */
  declare readonly publicKey: pulumi.Output<string>;
  /** The private half, PEM of PKCS#8. A secret. */
  declare readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: DkimKeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "maildomain:index:DkimKey",
      name,
      {
        ...args,
        publicKey: undefined,
        privateKey: args.privateKey === undefined ? undefined : pulumi.secret(args.privateKey),
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}

/** What a {@link DnssecKey} is made from. */
export interface DnssecKeyArgs {
  /**
   * The zone that it signs, lower case, A-labels, no final dot. Another zone is another key: the change replaces
   * the resource.
   *
   * @example "vaamonde.pti"
   */
  readonly zone: string;
}

/**
 * The key pair that signs a zone of one's own (DNSSEC, RFC 4034; ECDSA P-256, RFC 6605). Made once, kept until it
 * is replaced, so that the DS record at the parent stays right.
 *
 * ```ts
 * const key = new DnssecKey("zone", { zone: "vaamonde.pti" });
 * ```
 */
export class DnssecKey extends ProvidedResource {
  /** The DNSKEY record's content: `257 3 13 …`. */
  declare readonly dnskey: pulumi.Output<string>;
  /** The content of the DS record that the parent zone publishes: key tag, `13 2` and the SHA-256 digest. */
  declare readonly ds: pulumi.Output<string>;
  /** The private half, PEM of PKCS#8. A secret. */
  declare readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: DnssecKeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "maildomain:index:DnssecKey",
      name,
      { ...args, dnskey: undefined, ds: undefined, privateKey: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}

/** What a {@link GeneratedSecret} is made from. */
export interface GeneratedSecretArgs {
  /** How many characters it has, 16 to 128. Another length is another secret. */
  readonly length: number;
}

/**
 * A secret that programs share and nobody types, of letters, digits, `-` and `_`. Made once, kept until it is replaced.
 *
 * ```ts
 * const key = new GeneratedSecret("webmail-key", { length: 32 });
 * ```
 */
export class GeneratedSecret extends ProvidedResource {
  declare readonly secret: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "maildomain:index:GeneratedSecret",
      name,
      { ...args, secret: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["secret"] }),
    );
  }
}

/** What a {@link ServedGeneration} is about. */
export interface ServedGenerationArgs {
  /** The generation, as base64: a secret, of which the state has the id alone. */
  readonly content: pulumi.Input<string>;
  /** As a generation as well, its files that hold no secret: what policies read. @default they read nothing */
  readonly plain?: pulumi.Input<string> | undefined;
  /** The server's configuration volume on the engine. */
  readonly volume: pulumi.Input<string>;
  /** The id of the server's image, which gives the volume its owner and mode. */
  readonly image: pulumi.Input<string>;
  /** The server's container on the engine, which a refresh asks what it serves. @default nobody is asked */
  readonly container?: pulumi.Input<string> | undefined;
  /** The engine's address. @default the engine that `docker` itself would ask */
  readonly dockerHost?: pulumi.Input<string | undefined> | undefined;
  /** The identity of the engine: another one is asked nothing. @default any engine will do */
  readonly engineIdentity?: pulumi.Input<string> | undefined;
}

/**
 * The generation that a server is to serve, which each change brings into its volume. A refresh asks the server what it
 * serves, and an `up` after that repairs what was changed by hand, lost or rejected. Where nothing is refreshed, the server
 * is not asked.
 *
 * ```ts
 * new ServedGeneration("mail-server-served", { content, volume: volume.name, image: image.imageId });
 * ```
 */
export class ServedGeneration extends ProvidedResource {
  /** The id of the generation: 16 hexadecimal digits. */
  declare readonly generation: pulumi.Output<string>;
  /** The generation in force, as the last refresh has found it. */
  declare readonly inForce: pulumi.Output<string>;

  constructor(name: string, args: ServedGenerationArgs, opts?: pulumi.CustomResourceOptions) {
    // No drift is declared: what a refresh finds is a change to be undone.
    const inputs = {
      ...args,
      content: pulumi.secret(args.content),
      // Names and addresses of people, and nothing that a difference could show.
      plain: args.plain && pulumi.secret(args.plain),
      drift: {},
      generation: undefined,
      inForce: undefined,
    };
    super("maildomain:index:ServedGeneration", name, inputs, opts);
  }
}

/** What a {@link CertificateAuthority} is made from. */
export interface CertificateAuthorityArgs {
  /**
   * The name that people see when they look at a certificate or at their list of trusted authorities, 1 to 64
   * characters. Another name makes another authority with another key, which every client has to
   * trust again: the change replaces the resource.
   *
   * @example "vaamonde.pti lab authority"
   */
  readonly commonName: pulumi.Input<string>;
  /**
   * How many days the certificate is valid, 1 to 7300. When a third of them is left, an ordinary `up` renews it.
   *
   * @default 3650
   */
  readonly days?: pulumi.Input<number> | undefined;
}

/**
 * A certificate authority for a lab: clients that trust its certificate trust every {@link ServerCertificate}
 * that it issues.
 *
 * A renewal keeps the key and the name, so what the authority issued stays valid under the new certificate
 * and clients that still hold the old one notice nothing before it ends. A preview shows it as a new `issuedAt`.
 *
 * ```ts
 * const authority = new CertificateAuthority("lab", { commonName: "Lab authority" });
 * ```
 */
export class CertificateAuthority extends ProvidedResource {
  /** The self-signed certificate, PEM: what clients have to trust. */
  declare readonly certificate: pulumi.Output<string>;
  /** The key that signs, ECDSA P-256, PEM of PKCS#8. A secret. Survives renewals. */
  declare readonly privateKey: pulumi.Output<string>;
  /** When the certificate was issued, ISO 8601 in UTC. */
  declare readonly issuedAt: pulumi.Output<string>;
  /** When the certificate ends, ISO 8601 in UTC. */
  declare readonly notAfter: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "maildomain:index:CertificateAuthority",
      name,
      { ...args, certificate: undefined, privateKey: undefined, issuedAt: undefined, notAfter: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}

/** What an {@link AcmeAccount} is made from. */
export interface AcmeAccountArgs {
  /**
   * The authority: `letsencrypt`, `staging`, `zerossl`, `google`, or the URL of another one's directory (RFC 8555 section
   * 7.1.1). Another authority is another account: the change replaces the resource.
   *
   * @example "letsencrypt"
   */
  readonly directory: string;
  /** That its terms of service were read and are agreed to. Without it nothing is made. */
  readonly agreeToTerms: boolean;
  /** The mail addresses at which it reaches the account's owner. @default [] @example ["hostmaster@example.org"] */
  readonly contact?: readonly string[] | undefined;
  /**
   * The account elsewhere that this one belongs to (RFC 8555 section 7.3.4). Kept as a secret.
   *
   * @default none
   * @example { keyId: "kid-1", hmacKey: config.requireSecret("hmacKey") }
   */
  readonly externalAccount?:
    | { readonly keyId: pulumi.Input<string>; readonly hmacKey: pulumi.Input<string> }
    | undefined;
  /**
   * Further roots to trust when the directory is asked, PEM.
   *
   * @default public roots alone
   * @example readFileSync("root.pem", "utf8")
   */
  readonly roots?: string | undefined;
  /** The path of the settings that declare it, for errors. @default "acme" @example "maildomain:certificates.acme" */
  readonly settings?: string | undefined;
}

/**
 * An account with an authority that issues certificates by ACME (RFC 8555), and its key (ECDSA P-256). Opened by the
 * first `up`, which fails with the authority's reason where it refuses.
 *
 * ```ts
 * const account = new AcmeAccount("account", { directory: "letsencrypt", agreeToTerms: true });
 * ```
 */
export class AcmeAccount extends ProvidedResource {
  /** The account's URL, by which CAA records name it (RFC 8657 section 3). */
  declare readonly uri: pulumi.Output<string>;
  /** The domain by which CAA records allow the authority; empty where it names none. */
  declare readonly caaDomain: pulumi.Output<string>;
  /** Where its terms of service are; empty where it has none. */
  declare readonly terms: pulumi.Output<string>;
  /** The account's key, PEM of PKCS#8. A secret. */
  declare readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: AcmeAccountArgs, opts?: pulumi.CustomResourceOptions) {
    const { externalAccount, contact = [] } = args;
    super(
      "maildomain:index:AcmeAccount",
      name,
      {
        ...args,
        contact: [...contact],
        externalAccount: externalAccount === undefined ? undefined : pulumi.secret(externalAccount),
        uri: undefined,
        caaDomain: undefined,
        terms: undefined,
        privateKey: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}

/** What a {@link ServerCertificate} is made from. */
export interface ServerCertificateArgs extends Omit<ServerCertificateInputs, "keys"> {
  /**
   * The server's keys by name; exactly one serves, and the certificate is for it. Another one is published first:
   * see `docs/keys.md`.
   *
   * @default { key1: { stage: "serving" } }
   */
  readonly keys?: Readonly<Record<string, DeclaredServerKey>> | undefined;
}

/** What the provider takes of it: a key from elsewhere comes apart from its stage. */
export interface ServerCertificateInputs {
  /**
   * The names that clients connect to, at least one, each a DNS name in its ASCII form. Their order is of no
   * importance. Upper case becomes lower case.
   *
   * @example ["mail.vaamonde.pti", "imap.vaamonde.pti", "smtp.vaamonde.pti"]
   */
  readonly hostNames: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many days the certificate is valid, 1 to 825 (Apple's clients refuse a longer life even from an
   * authority of one's own), and never longer than the authority's own. When a third of its life is left, an
   * ordinary `up` renews it.
   *
   * @default 365
   */
  readonly days?: pulumi.Input<number> | undefined;
  /**
   * The issuing authority's certificate, PEM: {@link CertificateAuthority.certificate}.
   *
   * @default nobody issues it: the key that serves brings its certificate along
   * @example authority.certificate
   */
  readonly caCertificate?: pulumi.Input<string> | undefined;
  /**
   * The issuing authority's key, PEM of PKCS#8: {@link CertificateAuthority.privateKey}. Kept as a secret.
   *
   * @default nobody issues it
   * @example authority.privateKey
   */
  readonly caPrivateKey?: pulumi.Input<string> | undefined;
  /**
   * Whether an authority elsewhere is asked for the certificate that everybody sees, with {@link ServerCertificate.request}.
   * What is issued here only stands in for it, signed by its own key; one that an authority of the stack's own has issued
   * for the same names does so for as long as it is valid.
   *
   * @default false
   */
  readonly temporary?: boolean | undefined;
  /**
   * The server's keys by name; exactly one serves, and the certificate is for it. Another one is published first:
   * see `docs/keys.md`.
   *
   * @default { key1: { stage: "serving" } }
   */
  readonly keys?: Readonly<Record<string, StagedServerKey>> | undefined;
  /** Where others find the keys' TLSA records. @default there are none, and a published key may serve at once */
  readonly tlsa?: TlsaPlace | undefined;
}

/** A server's key in its stage. */
export interface StagedServerKey {
  /** Where it stands between its making and its end. */
  readonly stage: KeyStage<"serving">;
  /**
   * The path of the setting that declares the stage, for errors.
   *
   * @default the resource's own input
   * @example "maildomain:serverKeys.key1.stage"
   */
  readonly path?: string | undefined;
}

export interface DeclaredServerKey extends StagedServerKey {
  /** A key from elsewhere with the certificate that was issued for it. @default one is made, and kept in the state */
  readonly own?: OwnKey | undefined;
}

/** A key pair from elsewhere, and its certificate. */
export interface OwnKey {
  /** PEM, not encrypted. Kept as a secret. @example config.requireSecret("key") */
  readonly privateKey: pulumi.Input<string>;
  /** The server's own certificate, PEM. @example readFileSync("mail.pem", "utf8") */
  readonly certificate: string;
  /** The certificates between it and the root, PEM; empty when there is none. @example readFileSync("chain.pem", "utf8") */
  readonly chain: string;
}

/** Where TLSA records are, and who answers for them. */
export interface TlsaPlace {
  /** The host whose keys they are. @example "mail.example.org" */
  readonly host: string;
  /** TTL of the records, in seconds. @example 3600 */
  readonly ttl: number;
  /** The zone that holds them. @example "example.org" */
  readonly zone: string;
  /**
   * `address:port` of each authoritative server.
   *
   * @default those that the zone's NS records name
   * @example ["192.0.2.53:53"]
   */
  readonly nameServers?: readonly pulumi.Input<string>[] | undefined;
  /** Whether they are asked before a key serves. @default true */
  readonly askNameServers?: boolean | undefined;
  /** The path of the setting that declares the keys, for errors. @default "keys" @example "maildomain:serverKeys" */
  readonly settings?: string | undefined;
}

/**
 * A mail server's certificate (ECDSA P-256) for all of its names, and the server's keys. A key is made once and
 * stays through renewals and changes of the names, so a TLSA record of the key (DANE `3 1 1`, RFC 6698) stays
 * right. A preview shows a renewal as a new `issuedAt`. A key may also come from elsewhere, with its certificate.
 *
 * ```ts
 * const certificate = new ServerCertificate("mail", {
 *   hostNames: ["mail.vaamonde.pti"],
 *   caCertificate: authority.certificate,
 *   caPrivateKey: authority.privateKey,
 * });
 * ```
 */
export class ServerCertificate extends ProvidedResource {
  /** The certificate without its chain, PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** The key that serves, PEM of PKCS#8. A secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** When the certificate was issued, ISO 8601 in UTC. */
  declare readonly issuedAt: pulumi.Output<string>;
  /** When the certificate ends, ISO 8601 in UTC. */
  declare readonly notAfter: pulumi.Output<string>;
  /** SHA-256 of the certificate's DER as OpenSSL and Node write it: upper-case hex pairs joined by colons. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** What an authority is asked with (PKCS #10), PEM; only where the certificate is temporary. */
  declare readonly request: pulumi.Output<string>;
  /** SHA-256 of its SubjectPublicKeyInfo, lower-case hex: the data of a TLSA `3 1 1` record. */
  declare readonly spkiSha256: pulumi.Output<string>;
  /** The same of every key, by its name. */
  declare readonly keyDigests: pulumi.Output<Readonly<Record<string, string>>>;
  /** Every key by its name, PEM of PKCS#8. A secret. */
  declare readonly privateKeys: pulumi.Output<Readonly<Record<string, string>>>;
  /** When each key entered its stage. */
  declare readonly keys: pulumi.Output<StagedKeys<"serving">>;

  constructor(name: string, args: ServerCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "maildomain:index:ServerCertificate",
      name,
      {
        ...args,
        caPrivateKey: args.caPrivateKey === undefined ? undefined : pulumi.secret(args.caPrivateKey),
        ...declaredKeys(args.keys),
        certificate: undefined,
        privateKey: undefined,
        issuedAt: undefined,
        notAfter: undefined,
        fingerprint: undefined,
        ...(args.temporary === true ? { request: undefined } : {}),
        spkiSha256: undefined,
        keyDigests: undefined,
        privateKeys: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey", "privateKeys", "caPrivateKey"] }),
    );
  }
}

/** The stages apart from the keys, which are secret as a whole, and from the certificates, which a preview may show. */
function declaredKeys(keys: ServerCertificateArgs["keys"] = {}) {
  const declared = Object.entries(keys);
  const own = declared.flatMap(([name, { own }]) => (own === undefined ? [] : [[name, own] as const]));
  return {
    keys: Object.fromEntries(declared.map(([name, { stage, path }]) => [name, { stage, path }])),
    ...(own.length > 0 && {
      ownKeys: pulumi.secret(Object.fromEntries(own.map(([name, { privateKey }]) => [name, privateKey]))),
      ownCertificates: Object.fromEntries(
        own.map(([name, { certificate, chain }]) => [name, { certificate, chain }]),
      ),
    }),
  };
}

/** What {@link Credentials} are made from. */
export interface CredentialsArgs {
  /**
   * Passwords that the stack declares, by address. Kept as secrets. An address is lower case, and in only one of
   * `passwords`, `hashed` and `generate`.
   *
   * @default {}
   * @example { "vaamonde@vaamonde.pti": config.requireSecret("password") }
   */
  readonly passwords?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Hashes that the stack declares in place of passwords, by address, with Dovecot's scheme; used unchanged, never
   * hashed again. Kept as secrets. An address is in only one of `passwords`, `hashed` and `generate`.
   *
   * @default {}
   * @example { "ana@vaamonde.pti": "{SHA512-CRYPT}$6$…" }
   */
  readonly hashed?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Addresses that get a generated password (20 random letters and digits, 99 bits), which stays the same for
   * as long as the address stays here. Their order is of no importance.
   *
   * @default []
   * @example ["ana@vaamonde.pti"]
   */
  readonly generate?: readonly string[] | undefined;
}

/**
 * The passwords of all mailboxes of a server, as hashes that Dovecot verifies. One resource for all of them,
 * since each custom resource costs every preview about 13 ms.
 *
 * A hash is salted once and stays the same until the password changes, whatever else changes beside it. A
 * preview shows by `changedAt` whose declared password changes, and by `generate` who gets or loses a
 * generated one.
 *
 * ```ts
 * const credentials = new Credentials("lab", { generate: ["ana@vaamonde.pti"] });
 * ```
 */
export class Credentials extends ProvidedResource {
  /** Hashes by address with Dovecot's scheme: Argon2id, `{ARGON2ID}$argon2id$v=19$…`, or as declared. A secret. */
  declare readonly hashes: pulumi.Output<Record<string, string>>;
  /** The generated passwords by address. A secret. */
  declare readonly generated: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: CredentialsArgs, opts?: pulumi.CustomResourceOptions) {
    const declared = pulumi.secret(written(args.hashed));
    super(
      "maildomain:index:Credentials",
      name,
      {
        // The map as a whole: ten thousand secrets cost a preview seconds. `changedAt` names the addresses.
        passwords: pulumi.secret(written(args.passwords)),
        hashed: declared,
        generate: writtenList(args.generate),
        hashes: undefined,
        generated: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["hashes", "generated"] }),
    );
    // The provider hands on those that it has made; in a state of an earlier version, the declared ones as well.
    this.hashes = pulumi
      .all([declared, this.hashes])
      .apply(([known, made]) => ({ ...unpack(made), ...unpack(known) }));
    this.generated = this.generated.apply(unpack);
  }
}

/** A map of many texts as one text, unless some are known later. */
function written(texts: CredentialsArgs["passwords"] = {}): typeof texts | string {
  const values = Object.values(texts);
  const isOneText = values.length > mostEntries && values.every((value) => typeof value === "string");
  return isOneText ? textOfMap(texts) : texts;
}

function writtenList(texts: readonly string[] = []): readonly string[] | string {
  return texts.length > mostEntries ? textOfList(texts) : texts;
}

/** A map stored as one JSON text, since each entry has its cost; an older state may hold it as a map. */
function unpack(map: string | Record<string, string>): Record<string, string> {
  return typeof map === "string" ? (JSON.parse(unpackedText(map)) as Record<string, string>) : map;
}

export interface DeclaredDkimStage {
  readonly stage: KeyStage<"signing">;
  readonly record: pulumi.Input<string>;
  /** @default the resource's own input */
  readonly path?: string | undefined;
}

/** What {@link DomainStages} are made from. */
export interface DomainStagesArgs {
  /** Lower case, A-labels. @example "example.org" */
  readonly domain: string;
  /** TTL of each of its records, in seconds. */
  readonly ttl: number;
  /** Each selector's stage, its record's text, and the path of the setting that declares the stage. */
  readonly dkim: Readonly<Record<string, DeclaredDkimStage>>;
  readonly dmarc: DmarcPolicy;
  /** Whether the zone is signed by the stack itself. @default nobody looks at it, as in a lab */
  readonly dnssec?: DnssecStage | undefined;
  /** The MTA-STS policy that is served and announced. @default none */
  readonly mtaSts?: MtaStsPolicy | undefined;
  /** The hosts to which the domain's MX records point. */
  readonly exchanges: readonly string[];
  /** The path of the setting that decides on them, for errors. @default "exchanges" @example "maildomain:hostName" */
  readonly exchangesSetting?: string | undefined;
  /** The zone that holds the domain, whose name servers are asked before a key signs. */
  readonly zone: string;
  /** `address:port` of each authoritative server. @default those that the zone's NS records name */
  readonly nameServers?: readonly pulumi.Input<string>[] | undefined;
  /** Whether they are queried; if not, a key may sign one TTL after it has been published. @default true */
  readonly askNameServers?: boolean | undefined;
  /** The path of the domain's settings, for errors. @default "" @example "domains[0]." */
  readonly settings?: string | undefined;
}

/**
 * When each DKIM key and policy of a domain entered its declared stage. A change that skips
 * a stage, or comes too early, is refused in previews as well: see `docs/keys.md`. In a new domain everything may
 * start anywhere.
 */
export class DomainStages extends ProvidedResource {
  /** The DKIM keys by selector. */
  declare readonly dkim: pulumi.Output<StagedKeys<"signing">>;
  declare readonly dmarc: pulumi.Output<Staged<DmarcPolicy>>;
  /** `undefined` where there is no policy. */
  declare readonly mtaSts: pulumi.Output<StagedMtaSts | undefined>;

  constructor(name: string, args: DomainStagesArgs, opts?: pulumi.CustomResourceOptions) {
    const { nameServers = [], askNameServers = true, settings = "", ...rest } = args;
    super("maildomain:index:DomainStages", name, { ...rest, nameServers, askNameServers, settings }, opts);
    // A preview takes an output that is nowhere for one that is to come.
    const { mtaSts } = this;
    if (args.mtaSts === undefined) {
      this.mtaSts = pulumi.output(
        (mtaSts as unknown as { isKnown: Promise<boolean> }).isKnown.then((isKnown) =>
          isKnown ? mtaSts : undefined,
        ),
      );
    }
  }
}
