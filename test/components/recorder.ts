import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { mockedOutputs, withoutEnvelopes } from "../../components/testing.ts";

/** What a program registered, in the order of the names. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const recorded: MockResourceArgs[] = [];
/** The URN of each resource's parent, by its own `type name`; empty for one without. */
const parents = new Map<string, string>();
/** The names of the outputs that each component has registered, by its URN. */
const outputs = new Map<string, readonly string[]>();

export async function record<Result>(
  program: () => Result,
  preview = false,
): Promise<[Awaited<Result>, Recorded[]]> {
  recorded.length = 0;
  parents.clear();
  outputs.clear();
  await pulumi.runtime.setMocks(
    {
      newResource: (resource) => {
        const inputs = withoutEnvelopes(resource.inputs) as Record<string, unknown>;
        recorded.push({ ...resource, inputs });
        const id = preview ? undefined : `${resource.name}-id`;
        return { id, state: preview ? inputs : mockedOutputs({ ...resource, inputs }) };
      },
      call: ({ inputs }) => inputs,
    },
    "maildomain",
    "test",
    preview,
  );
  recordParents();
  const result = await program();
  await settled();
  return [
    result,
    recorded
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ type, name, inputs }) => ({ type, name, inputs })),
  ];
}

/** Mocks see everything but the parent, which the request to the engine has. */
function recordParents(): void {
  const monitor = getMonitor();
  if (monitor === undefined) throw new Error("there is no engine to ask");
  const register = monitor.registerResource.bind(monitor) as (
    request: Request,
    ...rest: unknown[]
  ) => unknown;
  monitor.registerResource = ((request: Request, ...rest: unknown[]) => {
    parents.set(`${request.getType()} ${request.getName()}`, request.getParent());
    return register(request, ...rest);
  }) as typeof monitor.registerResource;
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor) as (
    request: OutputsRequest,
    ...rest: unknown[]
  ) => unknown;
  monitor.registerResourceOutputs = ((request: OutputsRequest, ...rest: unknown[]) => {
    outputs.set(request.getUrn(), Object.keys(request.getOutputs()?.toJavaScript() ?? {}));
    return registerOutputs(request, ...rest);
  }) as typeof monitor.registerResourceOutputs;
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): object } | undefined;
}

/** What a component of the last program has registered as its outputs; nothing where it has not. */
export function registeredOutputs(urn: string): readonly string[] | undefined {
  return outputs.get(urn);
}

/** The `type name` of the resources of the last program that are directly below one. */
export function childrenOf(urn: string): string[] {
  return [...parents].flatMap(([child, parent]) => (parent === urn ? [child] : []));
}

/** The last program's resources, each `name: type` a level below its parent; those of one parent by their names. */
export function resourceTree(): string {
  const children = Map.groupBy(recorded, ({ type, name }) => ownName(parents.get(`${type} ${name}`) ?? ""));
  const below = (parent: string, level: number): string[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1))
      .flatMap(({ type, name }) => [
        `${"  ".repeat(level)}${name}: ${type}`,
        ...below(`${type} ${name}`, level + 1),
      ]);
  return `${below("", 0).join("\n")}\n`;
}

/** The `type name` of a URN, whose type has those of the parents before it. */
export function ownName(urn: string): string {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  return urn === "" ? "" : `${type.split("$").at(-1)} ${name}`;
}

/** The names of the last program's resources, in the order in which they were registered. */
export function registrationOrder(): string[] {
  return recorded.map(({ name }) => name);
}

/** Children register asynchronously, and some only once a value of another is there. */
async function settled(): Promise<void> {
  for (let count = -1; count !== recorded.length; ) {
    count = recorded.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The value of an output, once it is there. */
export function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** `type name` of each resource, one a line. */
export function tree(resources: readonly Recorded[]): string {
  return resources.map(({ type, name }) => `${name}: ${type}`).join("\n");
}
