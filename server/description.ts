/** Everything about a mail server that is no secret. Password hashes and private keys travel beside it. */
export interface MailServerDescription {
  /** Fully qualified name in the SMTP banner, HELO and the certificate, e.g. `mail.vaamonde.pti`. */
  readonly hostName: string;
  /** At least one. The first is the default for bare user names at login. */
  readonly domains: readonly HostedDomain[];
  /** Largest message in bytes as it is transferred, that is with attachments already base64-encoded. */
  readonly messageSizeLimitBytes: number;
  /** True opens 143 and 110 too, where a password is taken only after STARTTLS. */
  readonly legacyPorts: boolean;
  /** The validating resolver inside the container, which all its daemons ask. */
  readonly resolver: ResolverDescription;
}

/** `recursive` asks the world's name servers from the root down, and validates from the root's key. */
export type ResolverDescription = { readonly kind: "recursive" } | SealedResolver;

/** For a lab: knows the zones that it is told of, and denies every other name without asking anybody. */
export interface SealedResolver {
  readonly kind: "sealed";
  /** Forward and reverse zones; none is allowed. */
  readonly zones: readonly ResolverZone[];
}

export interface ResolverZone {
  /** A-label form, lower case, without the final dot. @example "vaamonde.pti" */
  readonly name: string;
  /** IP addresses of the servers that are authoritative for it, port 53. At least one. */
  readonly nameServers: readonly string[];
  /** Whether an answer without a valid signature is refused; the keys travel beside it, as DS contents. */
  readonly signed: boolean;
}

export interface HostedDomain {
  /** A-label form, lower case. */
  readonly name: string;
  readonly mailboxes: readonly HostedMailbox[];
  readonly aliases: readonly HostedAlias[];
  /** One signature is made for each; the key lies in `rspamd/dkim/<domain>.<selector>.key`. */
  readonly dkimSelectors: readonly string[];
}

export interface HostedMailbox {
  /** Lower case, no `+`: what follows a `+` is a tag that the sender may choose freely. */
  readonly address: string;
  /** Size limit of the whole mailbox in bytes; 0 is no limit. */
  readonly quotaBytes: number;
}

export interface HostedAlias {
  /** Lower case; `@example.org` takes every address of the domain that is not declared otherwise. */
  readonly address: string;
  /** Mailboxes, other aliases or addresses elsewhere. Cycles must have been refused before. */
  readonly targets: readonly string[];
}
