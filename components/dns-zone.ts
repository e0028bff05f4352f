import type * as pulumi from "@pulumi/pulumi";
import { recordName } from "../naming/resources.ts";
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

/**
 * Each record by a name that is its own among the zone's and stays when its content changes.
 */
export function namedRecords<Content>({
  zone,
  groups,
}: {
  readonly zone: string;
  readonly groups: readonly RecordGroup<Content>[];
}): [name: string, record: DnsRecord<string | Content>][] {
  return groups.flatMap(({ owner, records }) =>
    records.map((record): [string, DnsRecord<string | Content>] => [
      recordName(zone, owner, record.role),
      record,
    ]),
  );
}
