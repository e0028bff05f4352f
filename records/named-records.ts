import { recordName } from "../naming/resources.ts";
import type { DnsRecord, RecordGroup } from "./record.ts";

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
