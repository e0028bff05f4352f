/** What a resource's URN says of it: `urn:pulumi:<stack>::<project>::<parent types$type>::<name>`. */
export interface Urn {
  /** @example "maildomain:index:Mailbox" */
  readonly type: string;
  readonly name: string;
}

export function parseUrn(urn: string): Urn {
  const [, , types = "", ...name] = urn.split("::");
  // A name may itself have the separator.
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}
