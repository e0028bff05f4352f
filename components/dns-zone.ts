import type * as pulumi from "@pulumi/pulumi";
import type { DnsRecord, RecordGroup } from "../records/index.ts";

/** A record whose text may be known only once a key exists. */
export type PlannedRecord = DnsRecord<string | pulumi.Output<string>>;

/** What every zone is made from, whoever serves it. */
export interface DnsZoneArgs {
  /** Its apex, lower case, A-labels. @example "example.org" */
  readonly zone: string;
  /** All of its records, by their owners; roles and names are plain data. */
  readonly groups: readonly RecordGroup<pulumi.Output<string>>[];
}
