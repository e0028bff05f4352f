/** Components for programs in other languages: they live in the provider, which the engine asks for them. */
import * as pulumi from "@pulumi/pulumi";
import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import server from "@pulumi/pulumi/provider/server.js";
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { serializeResourceProperties } from "@pulumi/pulumi/runtime/rpc.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import state from "@pulumi/pulumi/runtime/state.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { LabCertificate, MailDomain, MailServer } from "../components/index.ts";
import project from "../package.json" with { type: "json" };
import type { Constructed } from "../provider/grpc.ts";

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

type Make = (name: string, inputs: never, opts: pulumi.ComponentResourceOptions) => pulumi.ComponentResource;

/** Each component, with what of it is an output. */
const components: Readonly<Record<string, { readonly make: Make; readonly outputs: readonly string[] }>> = {
  "maildomain:index:MailDomain": {
    make: (...args) => new MailDomain(...args),
    outputs: ["domain", "clientNames"],
  },
  "maildomain:index:LabCertificate": {
    make: (...args) => new LabCertificate(...args),
    outputs: ["certificate", "authorityCertificate"],
  },
  "maildomain:index:MailServer": {
    make: (...args) => new MailServer(...args),
    outputs: ["containerName", "generation", "image", "passwords"],
  },
};

/** Those that are there, by URN: a program hands one on to another. */
const made = new Map<string, pulumi.ComponentResource>();

pulumi.runtime.registerResourceModule("maildomain", "index", {
  version: project.version,
  construct(_name: string, _type: string, urn: string) {
    const component = made.get(urn);
    if (component === undefined) throw new Error(`${urn} is not there: hand on a component of this program`);
    return component;
  },
});

/** @param engine - where the engine that has started the provider listens. */
export function construct(request: ConstructRequest, engine: string): Promise<Constructed> {
  return withLocalStorage(async () => {
    const type = request.getType();
    const component = components[type];
    if (component === undefined) throw new Error(`maildomain has no component ${type}`);
    await connect(request, engine);
    const inputs = await deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
    const resource = component.make(request.getName(), inputs as never, optionsOf(request));
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
