/** The record types that a mail domain publishes. */
export type RecordType = "A" | "AAAA" | "CAA" | "CNAME" | "DS" | "MX" | "PTR" | "SRV" | "TLSA" | "TXT";

/**
 * One DNS record, as every zone publishes it.
 *
 * @typeParam Content - `string`, or a value that is known later (a DKIM key that does not exist yet).
 */
export interface DnsRecord<Content = string> {
  /** What the record is for, unique among its owner's and stable when its content changes: `mx`, `dkim-rsa1`. */
  readonly role: string;
  /** The owner's full name, lower case, A-labels, no trailing dot. */
  readonly name: string;
  readonly type: RecordType;
  /** TTL, in seconds. */
  readonly ttl: number;
  /** Presentation format (RFC 1035 section 5.1), host names in full without a trailing dot; TXT unquoted and unsplit. */
  readonly content: Content;
  /** Why it is needed, for people: at most 100 characters, which is what a free Cloudflare zone's comment holds. */
  readonly why: string;
}

/** The records of one owner in one zone, in order; their roles are unique among all of the owner's. */
export interface RecordGroup<Content = string> {
  readonly kind: "server" | "domain" | "parked" | "zone";
  /** The server's name, the domain, or for what belongs to neither, the zone. */
  readonly owner: string;
  /** The zone of ours that they are in; a server's reverse names are in zones of their own. */
  readonly zone: string;
  readonly records: readonly DnsRecord<string | Content>[];
}

/** A record as others' programs give it back: without its role, of whatever type. */
export interface PublishedRecord extends Omit<DnsRecord, "role" | "type"> {
  readonly type: string;
}
