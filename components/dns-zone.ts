import type * as pulumi from "@pulumi/pulumi";
import type { DnsRecord } from "../records/index.ts";

/** A record whose text may be known only once a key exists. */
export type PlannedRecord = DnsRecord<string | pulumi.Output<string>>;

/** What every zone is made from, whoever serves it. */
export interface DnsZoneArgs {
  /** The domain, lower case, A-labels. @example "example.org" */
  readonly domain: string;
  /** The complete list of records; roles and names are plain data. */
  readonly records: readonly PlannedRecord[];
}
