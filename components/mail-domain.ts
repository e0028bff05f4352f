import * as pulumi from "@pulumi/pulumi";
import { mostEntries } from "../naming/large-map.ts";
import { dkimKey, domainStages } from "../naming/resources.ts";
import { type DeclaredDkimStage, DkimKey, DomainStages } from "../provider/resources.ts";
import {
  clientNamesOf,
  type DeclaredDomain,
  type DeclaredSelector,
  type DomainDescription,
  defaultDkimStage,
  defaultDmarc,
  defaultSigningKeys,
  defaultTtl,
  describeDomain,
  formatDkim,
  isSigning,
} from "../records/index.ts";
import type { HostedDomain } from "../servers/mail-server/description.ts";
import { declaredAliases, hostedAliases } from "../servers/mail-server/hosted-aliases.ts";
import type { DnssecStage } from "../stages/dnssec-ladder.ts";
import { Mailbox, type MailboxArgs, showMailboxes } from "./mailbox.ts";

/** A key that signs the domain's mail. */
export interface SigningKeyArgs extends DeclaredSelector {
  /** `rsa` accepts a `privateKey` of another length than 2048 bits. */
  readonly algorithm: "rsa-2048" | "ed25519" | "rsa";
  /** A key from elsewhere, PEM, kept as a secret. @default a generated one @example config.requireSecret("dkimKey") */
  readonly privateKey?: pulumi.Input<string> | undefined;
}

/** How the changes of a domain's stages are judged: see {@link DomainStages}. */
export interface StageChecks {
  /** The zone that holds the domain. @default the domain @example "example.org" */
  readonly zone?: string | undefined;
  /** Whether the zone is signed by the stack itself. @default nobody looks at it, as in a lab */
  readonly dnssec?: DnssecStage | undefined;
  /**
   * `address:port` of each authoritative server.
   *
   * @default those that the zone's NS records name
   * @example ["192.0.2.53:53"]
   */
  readonly nameServers?: readonly pulumi.Input<string>[] | undefined;
  /** Whether they are asked before a key signs. @default true */
  readonly askNameServers?: boolean | undefined;
  /** The path of the domain's settings, for errors. @default none @example "maildomain:domains[0]." */
  readonly settings?: string | undefined;
  /** The path of what decides on the MX, for errors. @default "exchanges" @example "maildomain:hostName" */
  readonly exchangesSetting?: string | undefined;
}

/** An address whose mail is delivered to other addresses. */
export interface AliasArgs {
  /** The whole address. @example "sales@example.org" */
  readonly address: string;
  /** Who receives its mail, here or elsewhere. @example ["ana@example.org"] */
  readonly targets: readonly string[];
  /** Whether the mailboxes that it reaches may send as it. @default true */
  readonly membersMaySend?: boolean | undefined;
}

export interface MailDomainArgs extends DeclaredDomain<pulumi.Input<string>> {
  /**
   * The mailboxes, at least one. The first receives what is for postmaster and abuse unless these are declared.
   *
   * @example [{ address: "ana@example.org", displayName: "Ana Lima" }]
   */
  readonly mailboxes: readonly MailboxArgs[];
  /** Whether a preview shows the mailboxes as one resource. @default when there are more than 100 */
  readonly mailboxesInOneTable?: boolean | undefined;
  /**
   * Addresses whose mail goes to others.
   *
   * @default []
   * @example [{ address: "sales@example.org", targets: ["ana@example.org"] }]
   */
  readonly aliases?: readonly AliasArgs[] | undefined;
  /** Who receives mail to every address of the domain without an owner. @default nobody @example ["ana@example.org"] */
  readonly catchAll?: readonly string[] | undefined;
  /**
   * Further addresses that the first mailbox receives unless they are declared, such as where reports go.
   *
   * @default []
   * @example ["postmaster@example.org"]
   */
  readonly roles?: readonly string[] | undefined;
  /**
   * The keys that sign its mail.
   *
   * @default an RSA key `rsa1` and an Ed25519 key `ed1`
   * @example [{ selector: "rsa1", algorithm: "rsa-2048" }]
   */
  readonly dkim?: readonly SigningKeyArgs[] | undefined;
  /** How changes of keys and policies are judged. @default the domain's own name servers are asked */
  readonly stageChecks?: StageChecks | undefined;
}

/** A signing key, made. */
export interface SigningKey {
  readonly selector: string;
  /** PKCS#8 PEM, a secret. */
  readonly privateKey: pulumi.Output<string>;
}

export interface MailDomainNodes {
  /** By their selectors. */
  readonly dkimKeys: Readonly<Record<string, DkimKey>>;
  readonly stages: DomainStages;
  /** What shows the mailboxes in a preview: one for each, or one for all. */
  readonly mailboxes: readonly pulumi.ComponentResource[];
}

/**
 * A mail domain: its signing keys, its mailboxes, and what its records are to say. A {@link MailServer} serves
 * it, and {@link DnsZones} publish its records.
 *
 * ```ts
 * const domain = new MailDomain("example.org", {
 *   domain: "example.org",
 *   hostName: "mail.example.org",
 *   addresses: { ipv4: "192.0.2.25" },
 *   mailboxes: [{ address: "ana@example.org" }],
 * });
 * ```
 *
 * Creates a DkimKey per selector, the DomainStages, and a Mailbox per mailbox or a MailboxTable of them all.
 */
export class MailDomain extends pulumi.ComponentResource {
  readonly domain: string;
  /** The names that clients are set up with, and the server's certificate is for. */
  readonly clientNames: readonly string[];
  readonly mailboxes: readonly Mailbox[];
  /**
   * The keys that sign, and those that are retired: a worker of the server that has not read its new configuration
   * yet still signs with them.
   */
  readonly signingKeys: readonly SigningKey[];

  #dkimKeys: Readonly<Record<string, DkimKey>>;
  #stages: DomainStages;
  #mailboxes: readonly pulumi.ComponentResource[];
  #hosted: HostedDomain;
  #recordDescription: DomainDescription<pulumi.Input<string>>;

  constructor(name: string, args: MailDomainArgs, opts?: pulumi.ComponentResourceOptions) {
    // By address, so that a preview shows which alias changes.
    const aliases = Object.fromEntries(
      declaredAliases(args).map(({ address, targets }) => [address, targets]),
    );
    const { domain, hostName } = args;
    super("maildomain:index:MailDomain", name, { domain, hostName, aliases }, opts);
    const keys = createSigningKeys(this, name, args.dkim ?? defaultSigningKeys);
    this.#dkimKeys = Object.fromEntries(keys.map(({ selector, key }) => [selector, key]));
    this.domain = args.domain;
    this.clientNames = clientNamesOf(args.domain);
    this.mailboxes = args.mailboxes.map((mailbox) => new Mailbox(mailbox));
    const inOneTable = args.mailboxesInOneTable ?? this.mailboxes.length > mostEntries;
    this.#mailboxes = showMailboxes(name, this.mailboxes, inOneTable, this);
    this.#stages = createStages(this, name, args, keys);
    const { urn: accepted } = this.#stages;
    this.signingKeys = keys
      .filter(({ stage }) => stage !== "published")
      .map(({ selector, key }) => ({ selector, privateKey: after(accepted, key.privateKey) }));
    const contents = new Map(keys.map((key) => [key.selector, after(accepted, dkimContent(key))]));
    this.#recordDescription = describeDomain(args, (selector) => contents.get(selector) ?? pulumi.output(""));
    this.#hosted = describeHostedDomain(args, this.mailboxes, keys);
    this.registerOutputs({ domain: this.domain, clientNames: this.clientNames });
  }

  /** What a mail server has to know of the domain, as plain data. */
  get hosted(): HostedDomain {
    return this.#hosted;
  }

  /** When each key and policy entered its stage. Nothing of the domain changes before a step is accepted. */
  get stages(): DomainStages {
    return this.#stages;
  }

  /**
   * The resources of the domain, for what has no argument here. They may change from one version to the next without
   * notice.
   */
  get nodes(): MailDomainNodes {
    return { dkimKeys: this.#dkimKeys, stages: this.#stages, mailboxes: this.#mailboxes };
  }

  /** What {@link DnsZones} publish of the domain. */
  get recordDescription(): DomainDescription<pulumi.Input<string>> {
    return this.#recordDescription;
  }
}

interface CreatedKey extends SigningKeyArgs {
  readonly key: DkimKey;
}

/** A text that nothing is made from before the other is there. */
function after(first: pulumi.Output<string>, text: pulumi.Output<string>): pulumi.Output<string> {
  return first.apply(() => text);
}

/** The DNS record's text of a signing key that exists. */
function dkimContent({ algorithm, key }: CreatedKey): pulumi.Output<string> {
  const keyType = algorithm === "ed25519" ? "ed25519" : "rsa";
  return key.publicKey.apply((publicKey) => formatDkim({ keyType, publicKey }));
}

function describeHostedDomain(
  args: MailDomainArgs,
  mailboxes: readonly Mailbox[],
  keys: readonly CreatedKey[],
): HostedDomain {
  return {
    name: args.domain,
    mailboxes: mailboxes.map(({ hosted }) => hosted),
    aliases: hostedAliases({ ...args, mailboxes }),
    dkimSelectors: keys.filter(isSigning).map(({ selector }) => selector),
  };
}

function createSigningKeys(
  parent: pulumi.Resource,
  name: string,
  keys: readonly SigningKeyArgs[],
): CreatedKey[] {
  return keys.map(({ selector, algorithm, stage, privateKey }) => ({
    selector,
    algorithm,
    stage,
    key: new DkimKey(dkimKey(name, selector), { algorithm, privateKey }, { parent }),
  }));
}

function createStages(
  parent: pulumi.Resource,
  name: string,
  { domain, hostName, ttl = defaultTtl, dmarc = defaultDmarc(domain), web, stageChecks }: MailDomainArgs,
  keys: readonly CreatedKey[],
): DomainStages {
  const settings = stageChecks?.settings;
  const stages = keys.map((key, index): [string, DeclaredDkimStage] => [
    key.selector,
    {
      stage: key.stage ?? defaultDkimStage,
      record: dkimContent(key),
      path: settings === undefined ? undefined : `${settings}dkim[${index}].stage`,
    },
  ]);
  const dkim = Object.fromEntries(stages);
  // A policy that no record announces binds nobody.
  const mtaSts = web?.mtaSts?.announced === true ? web.mtaSts.policy : undefined;
  const args = { domain, ttl, dkim, dmarc: dmarc.policy, mtaSts, exchanges: [hostName], ...stageChecks };
  return new DomainStages(domainStages(name), { ...args, zone: stageChecks?.zone ?? domain }, { parent });
}
