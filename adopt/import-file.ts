import type { Match } from "./comparison.ts";

/** The resources that hold a stack's Cloudflare records, from the outermost. */
export interface ParentResource {
  readonly type: string;
  readonly name: string;
}

/** The matches of one zone, and the components in which the stack declares them. */
export interface ZoneImport {
  readonly zoneId: string;
  readonly parents: readonly ParentResource[];
  readonly matches: readonly Match[];
}

interface ImportResource {
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  readonly parent?: string;
  readonly component?: true;
  readonly version?: string;
}

/**
 * What `pulumi import --file` reads (`pulumi import --help`). Components are in it, so that records become their
 * children: the engine makes those that are not in the state yet, and the URNs are those of the program.
 *
 * @param pluginVersion - of the Cloudflare plugin; with another one, the records would change their provider.
 */
export function importFile(zones: readonly ZoneImport[], pluginVersion: string): string {
  const components = new Map<string, ImportResource>();
  const records: ImportResource[] = [];
  for (const { zoneId, parents, matches } of zones) {
    if (matches.length === 0) continue;
    let parent: { readonly parent?: string } = {};
    for (const { type, name } of parents) {
      components.set(name, { type, name, component: true, ...parent });
      parent = { parent: name };
    }
    for (const { wanted, live } of matches) {
      records.push({
        type: "cloudflare:index/dnsRecord:DnsRecord",
        name: wanted.resource,
        id: `${zoneId}/${live.id}`,
        ...parent,
        version: pluginVersion,
      });
    }
  }
  return `${JSON.stringify({ resources: [...components.values(), ...records] }, undefined, 2)}\n`;
}
