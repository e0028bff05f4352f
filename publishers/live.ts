/** What stands in a zone now, wherever it is published. */

/** A record that stands in a zone now. */
export interface LiveRecord {
  /** The publisher's own. */
  readonly id: string;
  /** In full, lower case, A-labels, no trailing dot. */
  readonly name: string;
  readonly type: string;
  /** In seconds; 1 where the publisher chooses. */
  readonly ttl: number;
  /** As a planned record's: presentation format, host names without a trailing dot, TXT unquoted. */
  readonly content: string;
  /** Whether HTTP goes through the publisher's proxy, whose addresses the name then has. */
  readonly proxied: boolean;
  /**
   * Whether an alias is published as its target's addresses by a setting of its own, so that other records may exist
   * beside it. At a zone's apex, and behind a proxy, every alias is. @default false
   */
  readonly flattened?: boolean | undefined;
  /** Empty when there is none. */
  readonly comment: string;
  /** Marks of the publisher's own, without an effect in the DNS. @default none */
  readonly tags?: readonly string[] | undefined;
  /** Who keeps it, where that is a product of the publisher's and not a person: nobody else may change it. */
  readonly keeper?: RecordKeeper | undefined;
}

/** A product that writes records of its own into a zone, and takes them away again. */
export interface RecordKeeper {
  /** @example "Email Routing" */
  readonly name: string;
  /** What to do before another record can be there: a sentence. */
  readonly remedy: string;
  /** The domains of its own SPF policies: who sends for it, and not once it is gone. @default none */
  readonly senders?: readonly string[] | undefined;
}

/** A zone as a stack file names it. */
export interface NamedZone {
  /** Its apex. */
  readonly name: string;
  readonly id: string;
  /** Where the stack file names it. @example "maildomain:domains[0].cloudflareZone" */
  readonly setting: string;
}

/** Zones cannot be read; the message names the setting of each problem. */
export class LiveZoneError extends Error {
  override readonly name = "LiveZoneError";
  /** Whether the publisher answered at all. */
  readonly isReached: boolean;

  constructor(message: string, isReached = true) {
    super(message);
    this.isReached = isReached;
  }
}

/** A publisher's zones, with the stack's credentials. */
export interface LiveZones {
  /**
   * Reads the records of zones, and changes nothing.
   *
   * @returns the records by the zone's id.
   * @throws LiveZoneError with what is wrong with every zone at once.
   */
  read(zones: readonly NamedZone[]): Promise<ReadonlyMap<string, readonly LiveRecord[]>>;
  /**
   * Makes sure that records can be read in zones, and written where that is what comes next. Changes nothing.
   *
   * @throws LiveZoneError with what is wrong with every zone at once.
   */
  check(zones: readonly NamedZone[], next: { readonly write: boolean }): Promise<void>;
}

/** How a publisher's zones are reached, and how its records are brought into a stack. */
export interface LiveAccess {
  /** The setting of a domain that has the zone's id. @example "cloudflareZone" */
  readonly zoneSetting: string;
  /** The keys of the stack's configuration that it is opened with. @example ["cloudflare:apiToken"] */
  readonly settings: readonly string[];
  /** @param values - of {@link settings}. @returns nothing without credentials, here and in the environment. */
  open(values: Readonly<Record<string, string | undefined>>): LiveZones | undefined;
  /** What to do where there are no credentials, with the setting's path before it. */
  missing(stack: string): string;
  /** The npm package whose version is that of the Pulumi plugin. @example "@pulumi/cloudflare" */
  readonly plugin: string;
  /** What `pulumi import` calls a record. */
  importId(zone: string, record: string): string;
  /** The record's own id, from that which the stack's state has. */
  recordId(id: string): string;
}
