import type { HostAddresses } from "./address.ts";
import type { CertificateIssuers } from "./caa.ts";
import type { Delegation } from "./cname.ts";
import type { Dmarc } from "./dmarc.ts";
import type { ParkedDescription } from "./lock-down.ts";
import type { MtaStsPolicy } from "./mta-sts.ts";
import type { SpfSources } from "./spf-sources.ts";
import type { ServicePlace, ServicePlaces } from "./srv.ts";
import type { TlsReporting } from "./tls-rpt.ts";
import type { ServerKey } from "./tlsa.ts";

/**
 * Everything that a stack's records follow from.
 *
 * @typeParam Content - a record's text that is known later, such as a host's address, or that of a key which does not exist yet.
 */
export interface RecordDescription<Content = string> {
  /** The zones that we publish; whatever is in none of them becomes an instruction. */
  readonly zones: readonly ZoneDescription<Content>[];
  readonly servers: readonly ServerDescription<Content>[];
  readonly domains: readonly DomainDescription<Content>[];
  readonly parkedDomains: readonly ParkedDescription[];
}

/** A zone of ours. Names in descriptions are lower case, A-labels, without a trailing dot. */
export interface ZoneDescription<Content = string> {
  /** Its apex. One domain may be a zone of its own, or are in a zone with others. */
  readonly name: string;
  /** Whether it is signed (DNSSEC). */
  readonly signed: boolean;
  /** What its parent has to publish (DS, RFC 4034), where that is to be asked for. */
  readonly ds?: Content | undefined;
}

/** A mail server. Its records exist once, however many domains it serves. */
export interface ServerDescription<Content = string> {
  /** Its own name, to which MX records point. @example "mail.example.org" */
  readonly hostName: string;
  /**
   * Names that it had before: their records stay for those who still hold an MX record that leads there, and each is a
   * further MX for those whose resolver denies the new name for a while.
   *
   * @default none
   * @example ["mx.example.org"]
   */
  readonly formerHostNames?: readonly string[] | undefined;
  /** TTL of every record, in seconds: 0 to 2147483647. @example 3600 */
  readonly ttl: number;
  /**
   * Where the server is reached; which families there are decides which records exist.
   *
   * @example { ipv4: "192.0.2.25", ipv6: "2001:db8::25" }
   */
  readonly addresses: HostAddresses<Content>;
  /** Contents of its TLSA records, the key that it shows first; only where its zone is signed. @default none @example [key] */
  readonly keys?: readonly ServerKey<Content>[] | undefined;
  /**
   * The zone in which an authority finds the proof of its own name, where certificates are ordered so.
   *
   * @default none
   * @example "acme.example.net"
   */
  readonly challengeZone?: string | undefined;
  /**
   * The text of the record that proves its own name for as long as it stands, where certificates are ordered so.
   *
   * @default none
   * @example "letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1"
   */
  readonly persistentProof?: string | Content | undefined;
  /** Where TLS reports on this host are sent. @default none */
  readonly tlsReporting?: TlsReporting | undefined;
}

/** A domain that has mail. */
export interface DomainDescription<Content = string> {
  /** Lower case, A-labels. @example "example.org" */
  readonly domain: string;
  /** TTL of every record, in seconds: 0 to 2147483647. @example 3600 */
  readonly ttl: number;
  /** Where its mail is delivered, at least one. @example [{ host: "mail.example.org", preference: 10 }] */
  readonly exchanges: readonly MailExchange[];
  /** Where the client names lead. */
  readonly addresses: HostAddresses<Content>;
  /** Labels below the domain by which clients reach the server, such as `imap`. @example ["imap", "smtp", "pop3"] */
  readonly clientLabels: readonly string[];
  /**
   * Where clients find each service; what is missing is off.
   *
   * @example { imaps: { host: "imap.example.org", port: 993 } }
   */
  readonly services: ServicePlaces;
  /** Who sends in its name, apart from the servers that receive its mail. */
  readonly spf: SpfSources;
  /** One entry per signing key. @example [{ selector: "rsa1", content: "v=DKIM1; k=rsa; p=…" }] */
  readonly dkim: readonly DkimSelector<Content>[];
  /** What others do with mail that is not from the domain. */
  readonly dmarc: Dmarc;
  /**
   * Domains elsewhere whose DMARC reports are sent to an address of this one; those described here are known.
   *
   * @default none
   * @example ["example.net"]
   */
  readonly reportsFor?: readonly string[] | undefined;
  /** Where TLS reports are sent. @default none */
  readonly tlsReporting?: TlsReporting | undefined;
  /** What is served over HTTPS. @default nothing */
  readonly web?: WebDescription<Content> | undefined;
  /** Who may issue certificates. @default anybody */
  readonly certificates?: CertificateIssuers<Content> | undefined;
  /**
   * Names that others decide.
   *
   * @default none
   * @example [{ label: "s1._domainkey", target: "s1.domainkey.u42.example.net" }]
   */
  readonly delegations?: readonly Delegation[] | undefined;
}

export interface MailExchange {
  /** The server's name. @example "mail.example.org" */
  readonly host: string;
  /** 0 to 65535; the lowest is tried first. @example 10 */
  readonly preference: number;
  /** Distinguishes it from the others; the main one has none. @default none @example "backup" */
  readonly label?: string | undefined;
}

export interface DkimSelector<Content = string> {
  /** Lower case. @example "rsa1" */
  readonly selector: string;
  /** The record's text; that of a revoked key while others may still look for it. @example "v=DKIM1; k=rsa; p=…" */
  readonly content: string | Content;
  /** Whether mail is signed with it; `false` before and after its use, while only its record is published. @default true */
  readonly signs?: boolean | undefined;
}

/** What answers over HTTPS already, in the domain's own names. */
export interface WebDescription<Content = never> {
  /** Where the web server is reached. */
  readonly addresses: HostAddresses<Content>;
  /** The policy that `mta-sts.<domain>` serves. @default there is none */
  readonly mtaSts?: ServedPolicy | undefined;
  /** Whether `autoconfig.<domain>` serves the settings of Thunderbird and others. @default false */
  readonly autoconfig?: boolean | undefined;
  /** Whether the domain's own name leads to it as well, and not to a web site elsewhere. @default false */
  readonly bareName?: boolean | undefined;
  /** Whether `webmail.<domain>` is webmail. @default false */
  readonly webmail?: boolean | undefined;
  /** Where Outlook's settings are served in addition to `autodiscover.<domain>`. @default nowhere */
  readonly autodiscover?: ServicePlace | undefined;
}

export interface ServedPolicy {
  /** The policy itself. */
  readonly policy: MtaStsPolicy;
  /** Whether a record announces it: only once it is served (RFC 8461 section 3.3). */
  readonly announced: boolean;
}
