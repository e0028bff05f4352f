/** What `pulumi stack export` prints, read for what this program asks of a stack's state. */
import { z } from "zod";
import { parseUrn } from "../naming/urn.ts";
import { factsOf } from "../publishers/declared-zone.ts";
import type { PublisherFacts } from "../publishers/facts.ts";
import { publisherFacts } from "../publishers/list.ts";
import { type FormerEngine, formerEngine, type KnownResource } from "../stacks/preflight/former-engine.ts";

const resource = z.object({
  urn: z.string(),
  type: z.string().optional(),
  id: z.string().optional(),
  created: z.string().optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  retainOnDelete: z.boolean().optional(),
});
/** What an update had begun when it was cut off. */
const pending = z.object({
  type: z.string(),
  resource: z.object({ type: z.string().optional(), inputs: z.record(z.string(), z.unknown()).optional() }),
});
/** A stack that has never been provisioned has no resources, or not even a deployment. */
const state = z.object({
  deployment: z
    .object({ resources: z.array(resource).nullish(), pending_operations: z.array(pending).nullish() })
    .optional(),
});

function resourcesIn(exported: string): z.infer<typeof resource>[] {
  return state.parse(JSON.parse(exported)).deployment?.resources ?? [];
}

/** All resources, as the state has them. */
export function resourcesInState(exported: string): readonly KnownResource[] {
  return resourcesIn(exported);
}

/** The names of the containers that an update was about to create when it was cut off. */
export function pendingContainers(exported: string): Set<string> {
  const operations = state.parse(JSON.parse(exported)).deployment?.pending_operations ?? [];
  return new Set(
    operations.flatMap(({ type, resource: { type: of, inputs } }) =>
      type === "creating" && of === "docker:index/container:Container" && typeof inputs?.name === "string"
        ? [inputs.name]
        : [],
    ),
  );
}

/** The names of the volumes that stay when the stack is removed, sorted: those of a stack that is not a lab. */
export function retainedVolumes(exported: string): string[] {
  return resourcesIn(exported)
    .flatMap(({ type, retainOnDelete, outputs }) =>
      type === "docker:index/volume:Volume" && retainOnDelete === true && typeof outputs?.name === "string"
        ? [outputs.name]
        : [],
    )
    .sort();
}

/** The ids of all resources. */
export function knownIds(exported: string): Set<string> {
  return new Set(resourcesIn(exported).flatMap(({ id }) => id ?? []));
}

/** The generation that each server was last given, also by an `up` that failed, by its container's name. */
export function generationsInState(exported: string): Map<string, string> {
  return new Map(
    resourcesIn(exported).flatMap(({ type, outputs: { container, generation } = {} }) =>
      type === "maildomain:index:ServedGeneration" &&
      typeof container === "string" &&
      typeof generation === "string"
        ? [[container, generation] as const]
        : [],
    ),
  );
}

/** The Docker Engine that the stack runs on; undefined for a state without one. */
export function engineInState(exported: string): FormerEngine | undefined {
  return formerEngine(resourcesIn(exported));
}

/** When each key of DKIM was made, by its name in the stack. */
export function keysInState(exported: string): { readonly name: string; readonly created: string }[] {
  return resourcesIn(exported).flatMap(({ urn, type, created }) =>
    type === "maildomain:index:DkimKey" && created !== undefined
      ? [{ name: parseUrn(urn).name, created }]
      : [],
  );
}

/** The stack's outputs, secrets encrypted: whoever has the state at hand need not start the CLI for them. */
export function outputsInState(exported: string): Record<string, unknown> {
  return resourcesIn(exported).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
}

/** The publisher's id of each record that is a resource, by its name in the stack. */
export function recordsInState(exported: string): Map<string, string> {
  return new Map(
    resourcesIn(exported).flatMap(({ urn, type, id = "" }) => {
      const publisher = publisherFacts.find(
        ({ form }: PublisherFacts) => form.kind === "record" && form.recordType === type,
      );
      const live = publisher && factsOf({ dns: publisher.name }).live;
      return live === undefined ? [] : [[parseUrn(urn).name, live.recordId(id)]];
    }),
  );
}
