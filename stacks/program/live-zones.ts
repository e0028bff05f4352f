/** A stack's zones to which others write as well, and the resources that its program declares in them. */
import type { ParentResource } from "../../adopt/import-file.ts";
import type { WantedRecord } from "../../adopt/wanted-record.ts";
import { recordResource, stackResources, zoneResource } from "../../naming/resources.ts";
import { factsOf, settingsOf } from "../../publishers/declared-zone.ts";
import type { RecordForm } from "../../publishers/facts.ts";
import type { LiveAccess, NamedZone } from "../../publishers/live.ts";
import { namedRecords, planRecords } from "../../records/index.ts";
import type { StackSettings } from "../schema/config.ts";
import { formatPath } from "../schema/written-settings.ts";
import type { OpenedAccount } from "./acme-settings.ts";
import { describeKnownRecords, zoneArgs, zoneOf } from "./zones.ts";

/** A zone that can be looked at where it is published. */
export interface LiveZoneSettings extends NamedZone {
  /** How people know its publisher. */
  readonly publisher: string;
  readonly form: RecordForm;
  readonly live: LiveAccess;
  /** The components that hold its records, from the outermost. */
  readonly parents: readonly ParentResource[];
  readonly records: readonly WantedRecord[];
}

/**
 * From the settings alone, so that a zone can be compared before the stack exists.
 *
 * @param contents - what is known of records that are made from keys: content by name and type, `name type`.
 * @param account - with the authority that issues by ACME, where one has been opened: CAA records and proofs name it.
 */
export function liveZones(
  settings: StackSettings,
  contents: ReadonlyMap<string, string> = new Map(),
  account?: OpenedAccount,
): LiveZoneSettings[] {
  const paths = new Map<string, string>();
  const { domains, parkedDomains } = settings;
  const lookups = new Map(domains.map(({ name, spf }) => [name, spf.lookups]));
  for (const [list, entries] of Object.entries({ domains, parkedDomains })) {
    for (const [index, { name }] of entries.entries()) {
      paths.set(name, `maildomain:${formatPath([list, index])}`);
    }
  }
  const { groups } = planRecords(describeKnownRecords(settings, account));
  return zoneArgs(settings).flatMap((zone): LiveZoneSettings[] => {
    const { name } = zone;
    const { title: publisher, form, live } = factsOf(zone);
    if (live === undefined || form.kind !== "record") return [];
    const id = Object.entries(settingsOf(zone)).find(([key]) => key === live.zoneSetting)?.[1];
    if (id === undefined) return [];
    const declaring = [...domains, ...parkedDomains].find((domain) => zoneOf(domain, settings) === name);
    const resource = zoneResource(name);
    const records = groups
      .filter((group) => group.zone === name)
      .flatMap((group) =>
        namedRecords({ zone: name, groups: [group] }).map(([key, record]) => ({
          resource: recordResource(resource, key),
          settings: paths.get(group.owner) ?? "maildomain:hostName",
          ...(record.role === "spf" ? { includedLookups: lookups.get(group.owner) } : {}),
          record: {
            ...record,
            content: record.content ?? contents.get(`${record.name} ${record.type}`) ?? null,
          },
        })),
      );
    const parents = [
      { type: "maildomain:index:DnsZones", name: stackResources.zones },
      { type: form.zoneType, name: resource },
    ];
    const setting = `${paths.get(declaring?.name ?? "")}.${live.zoneSetting}`;
    return [{ name, id, setting, publisher, form, live, parents, records }];
  });
}
