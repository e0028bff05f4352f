/** Who publishes zones, as far as a program declares it. */
import type * as pulumi from "@pulumi/pulumi";
import type { DnsRecord, RecordGroup } from "../records/index.ts";
import type { UpdateKey } from "../servers/dns-server/knot.ts";
import type { DeclaredZone } from "./zone-settings.ts";

/** A record whose text may be known only once a key exists. */
export type PlannedRecord = DnsRecord<string | pulumi.Output<string>>;

/** What every zone is made from, whoever serves it. */
export interface DnsZoneArgs {
  /** Its apex, lower case, A-labels. @example "example.org" */
  readonly zone: string;
  /** All of its records, by their owners; roles and names are plain data. */
  readonly groups: readonly RecordGroup<pulumi.Output<string>>[];
}

/** A zone, with all that some publisher may have to know of it. */
export interface PublishedZoneArgs extends DnsZoneArgs {
  /** What the stack says of it. */
  readonly declared: DeclaredZone<pulumi.Input<string>>;
  /** How long others may keep what is the zone's own, in seconds. */
  readonly ttl: number;
  /** The address under which others reach the stack's own name server. */
  readonly nameServerAddress: pulumi.Input<string>;
  /** What serves the MTA-STS policy: no record announces one before it is served (RFC 8461 section 3.3). */
  readonly policyServer?: pulumi.Resource | undefined;
  /** The addresses of names that have been declared so far, in any zone; this one's are added. */
  readonly addresses: DeclaredAddresses;
}

/** The records of each name's addresses, where each record is a resource. */
export type DeclaredAddresses = Map<string, readonly pulumi.Resource[]>;

/** A zone as a LocalDnsServer serves it. */
export interface ServedZone {
  /** Its apex. @example "example.org" */
  readonly zone: string;
  /** The whole zone file (RFC 1035 section 5). @example dns.localZones[0].text */
  readonly text: pulumi.Output<string>;
  /**
   * The key that signs it, PKCS#8 PEM, a secret; `undefined` when it is not signed.
   *
   * @example dns.localZones[0].signingKey
   */
  readonly signingKey: pulumi.Output<string> | undefined;
  /**
   * What its parent zone has to publish (DS, RFC 4034 section 5); `undefined` when it is not signed.
   *
   * @example dns.localZones[0].ds
   */
  readonly ds: pulumi.Output<string> | undefined;
  /**
   * The key by which somebody may change its TXT records below the apex (RFC 2136), a secret.
   *
   * @default nobody may
   * @example key
   */
  readonly updateKey?: pulumi.Output<UpdateKey> | undefined;
}

/** A zone that has been declared. */
export interface PublishedZone {
  /** Its own component, with everything that has been declared beside it. */
  readonly nodes: Readonly<Record<string, pulumi.Resource>>;
  /** What the stack's own name server is to serve; nothing where somebody else answers for the zone. */
  readonly served?: ServedZone | undefined;
}

export interface Publisher {
  /** Declares the component of one zone, with everything below it. */
  createZone(name: string, args: PublishedZoneArgs, opts: pulumi.ComponentResourceOptions): PublishedZone;
}
