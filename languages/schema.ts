import schemaOfComponents from "./schema.json" with { type: "json" };

/**
 * What programs in other languages can write, as Pulumi's CLI makes SDKs of it. `npm run package` writes it.
 *
 * @param version - the provider's.
 */
export function schema(version: string) {
  return { ...schemaOfComponents, version };
}
