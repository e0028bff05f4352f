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
  /** Address of the name server that Rspamd asks. Undefined: the container's own resolv.conf. */
  readonly resolver?: string | undefined;
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
