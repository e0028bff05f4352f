/**
 * A stand-in of the Cloudflare plugin, for machines that cannot download it: DnsRecords alone, over the official
 * client. What it shows is how the engine deals with the stack's resources; that the real plugin sees no difference
 * where there is none, only the real one can show.
 *
 * Not over the SDK's own server of providers, which cannot read what is imported, and keeps the configuration.
 */
import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
// Generated CommonJS, whose exports Node cannot name: they come as a whole.
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import services, { type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import Cloudflare from "cloudflare";
import type { RecordCreateParams, RecordResponse } from "cloudflare/resources/dns/records.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import structs, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import project from "../../../package.json" with { type: "json" };
import { unary } from "../../../provider/grpc.ts";

type Values = Readonly<Record<string, unknown>>;

const inputNames = ["zoneId", "name", "type", "ttl", "content", "priority", "data", "proxied", "comment"];
/** As in the plugin's schema: these cannot be changed in place. */
const fixedNames = new Set(["zoneId", "type"]);

let client = new Cloudflare({ apiToken: null });

const provider: Partial<IResourceProviderServer> & grpc.UntypedServiceImplementation = {
  getPluginInfo: unary(async () =>
    new plugins.PluginInfo().setVersion(project.dependencies["@pulumi/cloudflare"]),
  ),
  attach: unary(async () => new empties.Empty()),
  cancel: unary(async () => new empties.Empty()),
  getSchema: unary(async () => new messages.GetSchemaResponse().setSchema("{}")),
  checkConfig: unary(async (request: messages.CheckRequest) =>
    new messages.CheckResponse().setInputs(request.getNews()),
  ),
  diffConfig: unary(async () => new messages.DiffResponse()),
  configure: unary(async (request: messages.ConfigureRequest) => {
    const setting = (name: string) => request.getVariablesMap().get(`cloudflare:config:${name}`) ?? null;
    client = new Cloudflare({ apiToken: setting("apiToken"), baseURL: setting("baseUrl"), maxRetries: 0 });
    return new messages.ConfigureResponse();
  }),
  check: unary(async (request: messages.CheckRequest) =>
    new messages.CheckResponse().setInputs(write(inputsOf(read(request.getNews())))),
  ),
  diff: unary(async (request: messages.DiffRequest) => {
    const [olds, news] = [read(request.getOlds()), read(request.getNews())];
    const changed = inputNames.filter((name) => !isDeepStrictEqual(olds[name], news[name]));
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    return new messages.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setReplacesList(changed.filter((name) => fixedNames.has(name)));
  }),
  create: unary(async (request: messages.CreateRequest) => {
    const inputs = read(request.getProperties());
    const created = await client.dns.records.create(toApi(inputs));
    return new messages.CreateResponse()
      .setId(created.id)
      .setProperties(write(fromApi(zoneOf(inputs), created)));
  }),
  read: unary(async (request: messages.ReadRequest) => {
    // The id of an import names the zone as well.
    const [id = "", zoneId = zoneOf(read(request.getProperties()))] = request.getId().split("/").reverse();
    const values = write(fromApi(zoneId, await client.dns.records.get(id, { zone_id: zoneId })));
    return new messages.ReadResponse().setId(id).setProperties(values).setInputs(values);
  }),
  update: unary(async (request: messages.UpdateRequest) => {
    const inputs = read(request.getNews());
    const updated = await client.dns.records.update(request.getId(), toApi(inputs));
    return new messages.UpdateResponse().setProperties(write(fromApi(zoneOf(inputs), updated)));
  }),
  delete: unary(async (request: messages.DeleteRequest) => {
    await client.dns.records.delete(request.getId(), { zone_id: zoneOf(read(request.getProperties())) });
    return new empties.Empty();
  }),
};

function read(struct: structs.Struct | undefined): Values {
  return struct?.toJavaScript() ?? {};
}

function write(values: Values): structs.Struct {
  return structs.Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
}

function zoneOf({ zoneId }: Values): string {
  return String(zoneId);
}

function inputsOf(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => inputNames.includes(name)));
}

function toApi({ zoneId, data, ...rest }: Values): RecordCreateParams {
  const fields = data === undefined ? {} : { data: renameKeys(data as object, snakeCase) };
  return { zone_id: zoneId, ...inputsOf(rest), ...fields } as RecordCreateParams;
}

function fromApi(zoneId: string, record: RecordResponse): Values {
  const { data, comment, content, ...rest } = record as RecordResponse & { data?: object; comment?: string };
  return inputsOf({
    zoneId,
    ...rest,
    ...(comment == null ? {} : { comment }),
    ...(data === undefined ? { content } : { data: renameKeys(flagsAsText(data), camelCase) }),
  });
}

/** The plugin's type of CAA flags is dynamic: what a program gives as text comes back as text. */
function flagsAsText(data: object): object {
  return "flags" in data ? { ...data, flags: String(data.flags) } : data;
}

function renameKeys(values: object, rename: (key: string) => string): object {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [rename(key), value]));
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const server = new grpc.Server();
server.addService(services.ResourceProviderService, provider);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
