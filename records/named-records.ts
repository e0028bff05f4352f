import type { DnsRecord, RecordGroup } from "./record.ts";

/**
 * Each record by a name that is its own among the zone's and stays when its content changes: its role, after the
 * owner where that is not the zone itself.
 *
 * @example `mx`, `mail.example.org-host`
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
      owner === zone ? record.role : `${owner}-${record.role}`,
      record,
    ]),
  );
}
