import type { Match } from "./comparison.ts";

/** The resources that hold a zone's records, from the outermost. */
export interface ParentResource {
  readonly type: string;
  readonly name: string;
}

/** The matches of one zone, and the components in which the stack declares them. */
export interface ZoneImport {
  readonly parents: readonly ParentResource[];
  /** The type of a record's resource. */
  readonly recordType: string;
  /** What the import knows a live record by. */
  readonly importId: (record: string) => string;
  /** The version of the publisher's plugin: with another one, the records would change their provider. */
  readonly pluginVersion: string;
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
 */
export function importFile(zones: readonly ZoneImport[]): string {
  const components = new Map<string, ImportResource>();
  const records: ImportResource[] = [];
  for (const { parents, recordType, importId, pluginVersion, matches } of zones) {
    if (matches.length === 0) continue;
    let parent: { readonly parent?: string } = {};
    for (const { type, name } of parents) {
      components.set(name, { type, name, component: true, ...parent });
      parent = { parent: name };
    }
    for (const { wanted, live } of matches) {
      records.push({
        type: recordType,
        name: wanted.resource,
        id: importId(live.id),
        ...parent,
        version: pluginVersion,
      });
    }
  }
  return `${JSON.stringify({ resources: [...components.values(), ...records] }, undefined, 2)}\n`;
}
