/**
 * Serves the provider to the engine over gRPC.
 *
 * The SDK's own `main` would do, but for two things: it does not announce to the engine that the provider takes part
 * in previews, so that everything computed of a resource that changes is shown as unknown, and the change of
 * all that depends on it with it; and it loads twice as much.
 */

import { flushCompileCache } from "node:module";
import * as grpc from "@grpc/grpc-js";
// Generated CommonJS, whose exports Node cannot name: they come as a whole.
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import services, { type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages, { type CheckFailure } from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import structs, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { shown } from "../naming/unseen.mjs";
import type { Failure } from "./inputs.ts";
import "./long-texts.ts";
import type { Provider } from "./provider.ts";
import type { WireValues } from "./wire.ts";

// What the SDK allows: a state with thousands of mailboxes is far larger than gRPC's own limit of 4 MB.
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** What a program gets of a component that the provider holds. */
export interface Constructed {
  readonly urn: string;
  readonly state: Readonly<Record<string, unknown>>;
  /** What each property of the state depends on, by URN. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
}

/** Components for programs in other languages. */
export interface Components {
  /** The provider's schema, with all that they take and give. */
  readonly schema: string;
  construct(request: messages.ConstructRequest): Promise<Constructed>;
}

/**
 * Starts to serve, and prints the port, which is what the engine waits for.
 *
 * @param components - loaded once somebody asks: a program in TypeScript has them itself.
 */
export function serve(provider: Provider, components: () => Promise<Components>): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
  server.addService(services.ResourceProviderService, implement(provider, components));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
    // Node saves its compile cache at exit, but the engine kills its plugins: no start would ever find one.
    flushCompileCache();
  });
}

function implement(
  provider: Provider,
  components: () => Promise<Components>,
): Partial<IResourceProviderServer> & grpc.UntypedServiceImplementation {
  return {
    getPluginInfo: unary(async () => {
      const info = new plugins.PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),
    attach: unary(async () => new empties.Empty()),
    cancel: unary(async () => new empties.Empty()),
    getSchema: unary(async () => new messages.GetSchemaResponse().setSchema((await components()).schema)),
    construct: unary(async (request: messages.ConstructRequest) =>
      writeConstructed(await (await components()).construct(request)),
    ),
    // The provider has no settings. The project has its name, though, so the engine takes the whole stack file,
    // a lab's passwords included, for them: unless they are dropped here, they are in the state in plain text.
    checkConfig: unary(async () => new messages.CheckResponse().setInputs(write({}))),
    diffConfig: unary(async () =>
      new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
    ),
    configure: unary(async () =>
      new messages.ConfigureResponse()
        .setAcceptsecrets(true)
        .setAcceptoutputs(true)
        .setAcceptresources(true)
        .setSupportspreview(true),
    ),
    check: unary(async (request: messages.CheckRequest) => {
      const { inputs, failures } = await provider.check(
        request.getUrn(),
        read(request.getOlds()),
        read(request.getNews()),
      );
      return new messages.CheckResponse()
        .setInputs(write(inputs))
        .setFailuresList(failures.map(writeFailure));
    }),
    diff: unary(async (request: messages.DiffRequest) => {
      const { changes, replaces } = await provider.diff(
        request.getUrn(),
        read(request.getOlds()),
        read(request.getNews()),
        read(request.getOldInputs()),
      );
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      return new messages.DiffResponse()
        .setChanges(changes ? DIFF_SOME : DIFF_NONE)
        .setReplacesList([...replaces]);
    }),
    create: unary(async (request: messages.CreateRequest) => {
      const inputs = read(request.getProperties());
      if (request.getPreview()) {
        const state = provider.previewCreate(request.getUrn(), inputs);
        return new messages.CreateResponse().setProperties(write(state));
      }
      const { id, state } = await provider.create(request.getUrn(), inputs);
      return new messages.CreateResponse().setId(id).setProperties(write(state));
    }),
    update: unary(async (request: messages.UpdateRequest) => {
      const update = request.getPreview() ? provider.preview : provider.update;
      const state = await update(
        request.getUrn(),
        read(request.getOlds()),
        read(request.getNews()),
        read(request.getOldInputs()),
      );
      return new messages.UpdateResponse().setProperties(write(state));
    }),
    read: unary(async (request: messages.ReadRequest) => {
      const { id, inputs, state } = await provider.read(
        request.getUrn(),
        request.getId(),
        read(request.getInputs()),
        read(request.getProperties()),
      );
      return new messages.ReadResponse().setId(id).setInputs(write(inputs)).setProperties(write(state));
    }),
    delete: unary(async () => new empties.Empty()),
  };
}

function writeConstructed({ urn, state, dependencies }: Constructed): messages.ConstructResponse {
  const response = new messages.ConstructResponse().setUrn(urn).setState(write(state as WireValues));
  for (const [name, urns] of dependencies) {
    const each = new messages.ConstructResponse.PropertyDependencies().setUrnsList([...urns]);
    response.getStatedependenciesMap().set(name, each);
  }
  return response;
}

/** A call with one answer; the engine gets the message of what it throws. */
export function unary<Request, Response>(
  handle: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return ({ request }, callback) => {
    handle(request).then(
      (response) => callback(null, response),
      (error: Error) => callback({ code: grpc.status.UNKNOWN, message: shown(error.message) }),
    );
  };
}

/** Without the property: the engine would print its value beside its name, though it be a secret. */
function writeFailure({ property, reason }: Failure): CheckFailure {
  return new messages.CheckFailure().setReason(shown(`${property}: ${reason}`));
}

function read(struct: structs.Struct | undefined): WireValues {
  return (struct?.toJavaScript() ?? {}) as WireValues;
}

function write(values: WireValues): structs.Struct {
  return structs.Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
}
