/** Components for programs in other languages: they live in the provider, which the engine asks for them. */
import * as pulumi from "@pulumi/pulumi";
import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import server from "@pulumi/pulumi/provider/server.js";
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { serializeResourceProperties } from "@pulumi/pulumi/runtime/rpc.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import state from "@pulumi/pulumi/runtime/state.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import project from "../package.json" with { type: "json" };
import type { Constructed } from "../provider/grpc.ts";
import { type ForeignComponent, foreignComponents, foreignResources, tokenOf } from "./components.ts";
import schema from "./schema.json" with { type: "json" };

/** What the SDK's own server of providers uses, and does not declare. */
const { deserializeInputs } = server as unknown as {
  deserializeInputs(
    inputs: Struct | undefined,
    dependencies: ReturnType<ConstructRequest["getInputdependenciesMap"]>,
  ): Promise<Record<string, unknown>>;
};
const { withLocalStorage } = state as unknown as {
  withLocalStorage<Result>(run: () => Promise<Result>): Promise<Result>;
};
const { awaitFeatureSupport, waitForRPCs } = settings as unknown as Readonly<
  Record<"awaitFeatureSupport" | "waitForRPCs", () => Promise<void>>
>;

const components: ReadonlyMap<string, ForeignComponent> = new Map(
  Object.entries(foreignComponents).map(([name, component]) => [tokenOf(name), component]),
);

const resources = new Map(
  Object.entries(foreignResources).map(([name, resource]) => [tokenOf(name), resource]),
);

/** Those that are there, by URN: a program hands one on to another. */
const made = new Map<string, pulumi.ComponentResource>();

pulumi.runtime.registerResourceModule("maildomain", "index", {
  version: project.version,
  construct(name: string, type: string, urn: string) {
    const component = made.get(urn) ?? resources.get(type)?.find?.(name, urn);
    if (component === undefined) throw new Error(`${urn} is not there: hand on a component of this program`);
    return component;
  },
});

/** Those who wait for components that are being made. */
const waiting = new Set<(error: Error) => void>();
let hasFailed = false;

/** What is wrong with a value that is known later fails where nobody waits for it. The provider keeps on serving. */
process.on("unhandledRejection", (reason) => {
  if (waiting.size === 0 && !hasFailed) throw reason;
  hasFailed = true;
  const { message } = reason instanceof Error ? reason : new Error(String(reason));
  const own = message.replace(/^(?:error serializing property "\w+": )+/, "");
  for (const fail of waiting) fail(new Error(own));
});

/** @param engine - where the engine that has started the provider listens. */
export function construct(request: ConstructRequest, engine: string): Promise<Constructed> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  waiting.add(reject);
  return Promise.race([make(request, engine), failed]).finally(() => waiting.delete(reject));
}

function make(request: ConstructRequest, engine: string): Promise<Constructed> {
  return withLocalStorage(async () => {
    const type = request.getType();
    const component = components.get(type);
    if (component === undefined) throw new Error(`maildomain has no component ${type}`);
    await connect(request, engine);
    const inputs = await deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
    const args = await structured(type, inputs);
    const resource = component.make(request.getName(), args as never, optionsOf(request));
    const urn = await promiseOf(resource.urn);
    made.set(urn, resource);
    const outputs = Object.fromEntries(
      component.outputs.map((name) => [name, (resource as unknown as Record<string, unknown>)[name]]),
    );
    const [state, dependencies] = await serializeResourceProperties(`construct(${type})`, outputs);
    const urns = [...dependencies].map(
      async ([key, resources]) =>
        [key, await Promise.all([...resources].map((each) => promiseOf(each.urn)))] as const,
    );
    const all = new Map(await Promise.all(urns));
    await waitForRPCs();
    return { urn, state, dependencies: all };
  });
}

interface InputProperty {
  readonly type?: string;
  readonly $ref?: string;
  readonly plain?: boolean;
}

/**
 * Arguments as the components take them: what decides which resources exist is plain. The SDK wraps a list as a whole
 * once something in it depends on a resource.
 *
 * @throws Error for one that is not known yet.
 */
async function structured(type: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { inputProperties } = schema.resources[type as keyof typeof schema.resources];
  const properties: Readonly<Record<string, InputProperty>> = inputProperties;
  const entries = Object.entries(inputs).map(async ([name, input]) => {
    const property = properties[name];
    if (property === undefined) throw new Error(`${type} has no argument ${name}`);
    const isLeaf = property.plain !== true && property.type !== undefined && property.type !== "array";
    if (isLeaf || !pulumi.Output.isInstance(input)) return [name, input];
    const { isKnown, promise } = input as unknown as {
      readonly isKnown: Promise<boolean>;
      promise(): Promise<unknown>;
    };
    if (await isKnown) return [name, await promise.call(input)];
    throw new Error(`${name}: is known only later, and has to be plain: which resources exist depends on it`);
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function connect(request: ConstructRequest, engine: string): Promise<void> {
  settings.resetOptions(
    request.getProject(),
    request.getStack(),
    request.getParallel(),
    engine,
    request.getMonitorendpoint(),
    request.getDryrun(),
    request.getOrganization(),
  );
  await awaitFeatureSupport();
  setAllConfig(Object.fromEntries(request.getConfigMap().entries()), request.getConfigsecretkeysList());
}

function optionsOf(request: ConstructRequest): pulumi.ComponentResourceOptions {
  const parent = request.getParent();
  return {
    dependsOn: request.getDependenciesList().map((urn) => new pulumi.DependencyResource(urn)),
    protect: request.getProtect() ?? false,
    ...(parent === "" ? {} : { parent: new pulumi.DependencyResource(parent) }),
  };
}

function promiseOf(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
