import type { MailService } from "../../records/service.ts";
import type { TlsPairs } from "../generation/tls-pairs.ts";

/** How many days the mail of a removed mailbox is kept. */
export const DEFAULT_KEEP_REMOVED_MAIL_DAYS = 30;

/** How much mail a mailbox holds, in bytes. */
export const DEFAULT_QUOTA_BYTES = 2 ** 30;

/** Everything about a mail server that is not secret. Password hashes and private keys travel beside it. */
export interface MailServerDescription {
  /** Fully qualified name in the SMTP banner, HELO and the certificate, e.g. `mail.vaamonde.pti`. */
  readonly hostName: string;
  /** At least one. The first is the default for bare user names at login. */
  readonly domains: readonly HostedDomain[];
  /** Largest message in bytes as transferred, that is with attachments already base64-encoded. */
  readonly messageSizeLimitBytes: number;
  /** True opens 143 and 110 too, where a password is accepted only after STARTTLS. */
  readonly legacyPorts: boolean;
  /** How many days the mail of a removed mailbox is kept, 0 to 3650. Undefined: the default. */
  readonly keepRemovedMailDays?: number | undefined;
  /** How many wrong passwords are tried in an hour. Undefined: the default. */
  readonly loginLimits?: LoginLimits | undefined;
  /** What all its processes may hold together. Undefined: the default of its container. */
  readonly memoryBytes?: number | undefined;
  /**
   * The address of the webmail that people come through: what it says of where they come from is believed, and it may
   * change their passwords. Undefined: there is none.
   */
  readonly webmailAddress?: string | undefined;
  /** People's names by the address of their mailbox: nobody may choose a password that is built from them. Undefined: none. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** What is shown to whom; `hostName` is the default pair's. Undefined: one pair for everybody. */
  readonly pairs?: TlsPairs | undefined;
  /** By which family it sends mail. Undefined: by both, from whatever address the engine chooses. */
  readonly sendsBy?: "ipv4" | "ipv6" | undefined;
  /** Services that load balancers reach by the PROXY protocol, on ports of their own. Undefined: none. */
  readonly proxied?: ProxiedServices | undefined;
  /** The validating resolver inside the container, which all its daemons ask. */
  readonly resolver: ResolverDescription;
}

/** What comes from load balancers, and names the client of each connection. */
export interface ProxiedServices {
  /** Networks and addresses of the balancers, which are believed. At least one. @example ["10.0.0.0/24"] */
  readonly from: readonly string[];
  /** At least one. */
  readonly services: readonly MailService[];
}

/**
 * How many wrong passwords are tried in an hour: for one login from all addresses, and from one address (IPv6: a /64) at
 * all logins. Whoever is beyond is refused without a look at the password.
 */
export interface LoginLimits {
  /** 4 to 10000. @example 100 */
  readonly perLogin: number;
  /** 4 to 10000. @example 100 */
  readonly perAddress: number;
}

/** `recursive` asks the world's name servers from the root down, and validates from the root's key. */
export type ResolverDescription = { readonly kind: "recursive" } | SealedResolver;

/** For a lab: knows the declared zones, and denies every other name without asking anybody. */
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
  /** One signature is made for each; the key is in `rspamd/dkim/<domain>.<selector>.key`. */
  readonly dkimSelectors: readonly string[];
}

export interface HostedMailbox {
  /** Lower case, no `+`: what follows a `+` is a tag that the sender may choose freely. */
  readonly address: string;
  /** Size limit of the whole mailbox in bytes; 0 means unlimited. */
  readonly quotaBytes: number;
  /** What its user may log in to; none of them suspends the user. Undefined: everything. */
  readonly protocols?: readonly LoginProtocol[] | undefined;
  /** False: mail to it is refused with 550 5.2.1. Undefined: true. */
  readonly receives?: boolean | undefined;
  /** Where its mail is sent as well or instead. */
  readonly forward?: Forward | undefined;
  /** Whether `ana+anything` is ana's, too. Undefined: true. */
  readonly subAddressing?: boolean | undefined;
  /** Further addresses of hosted domains that it may send as; `@example.org` is every address without an owner. */
  readonly sendAs?: readonly string[] | undefined;
  /** The number of recipients it may send to per hour. Undefined: unlimited. */
  readonly recipientsPerHour?: number | undefined;
  /** Rules that run before the user's own, as Sieve (RFC 5228). */
  readonly sieve?: string | undefined;
  /** Passwords for one program each, at most {@link MOST_APP_PASSWORDS}. */
  readonly appPasswords?: readonly AppPassword[] | undefined;
}

/** What a user may log in to. */
export const loginProtocols = ["imap", "pop3", "submission", "sieve"] as const;
export type LoginProtocol = (typeof loginProtocols)[number];

export interface Forward {
  /** At least one address; of another mailbox here, or elsewhere. @example ["ana@example.net"] */
  readonly to: readonly string[];
  /** Whether the mailbox gets it as well. */
  readonly keepCopy: boolean;
}

export interface AppPassword {
  /** Unique within its mailbox: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** The last day on which it is good, in UTC, e.g. `2027-01-31`. Undefined: it has no end. */
  readonly expires?: string | undefined;
}

/** Dovecot looks through one table for each that a user may have. */
export const MOST_APP_PASSWORDS = 8;

/** The key of an app password's hash. @example "ana@example.org/phone" */
export function appPasswordKey(address: string, name: string): string {
  return `${address}/${name}`;
}

export interface HostedAlias {
  /** Lower case; `@example.org` takes every address of the domain that is not declared otherwise. */
  readonly address: string;
  /** Mailboxes, other aliases or addresses elsewhere. Cycles must have been refused before. */
  readonly targets: readonly string[];
  /** Whether the mailboxes that it reaches may send as it. Undefined: they may. */
  readonly membersMaySend?: boolean | undefined;
  /** Whether it is there to receive what programs report, and what every domain owes an answer to. Undefined: it is not. */
  readonly isRole?: true | undefined;
}
