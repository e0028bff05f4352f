/** A stack's Cloudflare zones, and the resources that its program declares in them. */
import type { ParentResource } from "../../adopt/import-file.ts";
import type { WantedRecord } from "../../adopt/wanted-record.ts";
import { recordResource, stackResources, zoneResource } from "../../naming/resources.ts";
import { namedRecords, planRecords } from "../../records/index.ts";
import type { StackSettings } from "../schema/config.ts";
import { formatPath } from "../schema/cross-check.ts";
import { describeKnownRecords, zoneArgs, zoneOf } from "./zones.ts";

export interface CloudflareZoneSettings {
  /** Its apex. */
  readonly name: string;
  readonly id: string;
  /** Where the stack file names it. @example "maildomain:domains[0].cloudflareZone" */
  readonly setting: string;
  /** The components that hold its records, from the outermost. */
  readonly parents: readonly ParentResource[];
  readonly records: readonly WantedRecord[];
}

/**
 * From the settings alone, so that a zone can be compared before the stack exists.
 *
 * @param contents - what is known of records that are made from keys: content by name and type, `name type`.
 */
export function cloudflareZones(
  settings: StackSettings,
  contents: ReadonlyMap<string, string> = new Map(),
): CloudflareZoneSettings[] {
  const paths = new Map<string, string>();
  const { domains, parkedDomains } = settings;
  for (const [list, entries] of Object.entries({ domains, parkedDomains })) {
    for (const [index, { name }] of entries.entries()) {
      paths.set(name, `maildomain:${formatPath([list, index])}`);
    }
  }
  const { groups } = planRecords(describeKnownRecords(settings));
  return zoneArgs(settings).flatMap(({ name, dns, cloudflareZone: id }) => {
    if (dns !== "cloudflare" || id === undefined) return [];
    const declaring = [...domains, ...parkedDomains].find((domain) => zoneOf(domain, settings) === name);
    const resource = zoneResource(name);
    const records = groups
      .filter(({ zone }) => zone === name)
      .flatMap((group) =>
        namedRecords({ zone: name, groups: [group] }).map(([key, record]) => ({
          resource: recordResource(resource, key),
          settings: paths.get(group.owner) ?? "maildomain:hostName",
          record: {
            ...record,
            content: record.content ?? contents.get(`${record.name} ${record.type}`) ?? null,
          },
        })),
      );
    const parents = [
      { type: "maildomain:index:DnsZones", name: stackResources.zones },
      { type: "maildomain:index:CloudflareZone", name: resource },
    ];
    const setting = `${paths.get(declaring?.name ?? "")}.cloudflareZone`;
    return [{ name, id, setting, parents, records }];
  });
}
