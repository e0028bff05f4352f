import { z } from "zod";

const state = z.object({
  deployment: z.object({
    resources: z
      .array(z.object({ urn: z.string(), type: z.string(), created: z.string().optional() }))
      .default([]),
  }),
});

/**
 * When each key of DKIM was made, by its name in the stack.
 *
 * @param exported - what `pulumi stack export` prints
 */
export function keysInState(exported: string): { readonly name: string; readonly created: string }[] {
  const { resources } = state.parse(JSON.parse(exported)).deployment;
  return resources.flatMap(({ urn, type, created }) =>
    type === "maildomain:index:DkimKey" && created !== undefined
      ? [{ name: urn.slice(urn.lastIndexOf("::") + 2), created }]
      : [],
  );
}
