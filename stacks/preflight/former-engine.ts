/** The Docker Engine that a stack runs on, as its state knows it. */
import * as z from "zod";
import { identityLabel } from "../../naming/engine.ts";
import { stackResources } from "../../naming/resources.ts";
import { parseUrn } from "../../naming/urn.ts";
import { outputsSchema } from "../../outputs/schema.ts";

/** A resource as a state has it. */
export interface KnownResource {
  readonly urn: string;
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
}

export interface FormerEngine {
  /** Undefined for the engine of the environment. */
  readonly host: string | undefined;
  /** What it carries; undefined for a stack that a version without identities has provisioned. */
  readonly identity: string | undefined;
  /** Whether the state still has the volume that carries it. */
  readonly isCarried: boolean;
  /** Of all that the state knows: an engine with one of them is the stack's, whatever its address. */
  readonly ids: ReadonlySet<string>;
}

const endpointOutputs = z.object({
  endpoint: outputsSchema.shape.endpoint.pick({ engine: true, identity: true }),
});
const labels = z.object({ labels: z.array(z.object({ label: z.string(), value: z.string() })) });

/** What the last `up` has reported: a refresh does not forget it. */
export function reportedOutputs(resources: readonly KnownResource[]): KnownResource["outputs"] {
  return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
}

/** @returns undefined for a stack that has never been provisioned, or has been taken down */
export function formerEngine(resources: readonly KnownResource[]): FormerEngine | undefined {
  const isRunning = resources.some(({ type }) => type?.startsWith("docker:"));
  // A refresh forgets what is no longer there; what the last `up` has reported stays.
  const endpoint = endpointOutputs.safeParse(reportedOutputs(resources)).data?.endpoint;
  if (!isRunning && endpoint?.identity === undefined) return undefined;
  const carried = carriedIdentity(resources);
  return {
    host: isRunning ? hostOf(resources) : endpoint?.engine,
    identity: carried ?? endpoint?.identity,
    isCarried: carried !== undefined,
    ids: new Set(resources.flatMap(({ id }) => id ?? [])),
  };
}

/** Only an engine with an address of its own has a provider of this name; the default one has another. */
function hostOf(resources: readonly KnownResource[]): string | undefined {
  const provider = resources.find(
    ({ urn, type }) => type === "pulumi:providers:docker" && parseUrn(urn).name === stackResources.engine,
  );
  const host = provider?.outputs?.host;
  return typeof host === "string" ? host : undefined;
}

function carriedIdentity(resources: readonly KnownResource[]): string | undefined {
  const volume = resources.find(
    ({ urn, type }) =>
      type === "docker:index/volume:Volume" && parseUrn(urn).name === stackResources.identity,
  );
  return labels.safeParse(volume?.outputs).data?.labels.find(({ label }) => label === identityLabel)?.value;
}
