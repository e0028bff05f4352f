import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import type plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import structs, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import project from "../../package.json" with { type: "json" };
import { encode, secret, unknown, type WireValues } from "../../provider/wire.ts";

const executable = fileURLToPath(new URL("../../provider/pulumi-resource-maildomain", import.meta.url));
let plugin: ChildProcess;
let client: grpc.Client;

beforeAll(async () => {
  plugin = spawn(executable, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(plugin.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  expect(line.toString()).toMatch(/^\d+\n$/);
  client = new grpc.Client(`127.0.0.1:${line.toString().trim()}`, grpc.credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  plugin.kill();
  await once(plugin, "exit");
});

/** Calls a method of the service by its definition, whatever its types. */
function call<Response>(
  method: keyof typeof services.ResourceProviderService,
  request: object,
): Promise<Response> {
  const { path, requestSerialize, responseDeserialize } = services.ResourceProviderService[
    method
  ] as grpc.MethodDefinition<object, Response>;
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) =>
    response === undefined ? reject(error) : resolve(response),
  );
  return promise;
}

const struct = (values: WireValues) =>
  structs.Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
const urn = (type: string) => `urn:pulumi:lab::maildomain::maildomain:index:${type}::name`;
const authority = urn("CertificateAuthority");
const inputs = { commonName: "Lab", days: 90, issuedAt: "2026-01-01T00:00:00Z" };

function check(type: string, news: WireValues) {
  const request = new messages.CheckRequest().setUrn(urn(type)).setNews(struct(news)).setOlds(struct({}));
  return call<InstanceType<typeof messages.CheckResponse>>("check", request);
}

test("reports the project's version, and that it knows secrets and previews", async () => {
  const info = await call<InstanceType<typeof plugins.PluginInfo>>("getPluginInfo", new empties.Empty());
  expect(info.getVersion()).toBe(project.version);
  const configured = await call<InstanceType<typeof messages.ConfigureResponse>>(
    "configure",
    new messages.ConfigureRequest(),
  );
  expect(configured.toObject()).toMatchObject({ acceptsecrets: true, supportspreview: true });
});

test("reports bad input under no property, whose value the engine would print", async () => {
  const response = await check("ServerCertificate", {
    hostNames: ["*"],
    caCertificate: "x",
    caPrivateKey: secret("hush"),
  });
  expect(response.getFailuresList().map((failure) => failure.getProperty())).toEqual(["", "", ""]);
  const reasons = response.getFailuresList().map((failure) => failure.getReason());
  expect(reasons[0]).toMatch(/^hostNames\[0\]: "\*" is not a valid DNS name/);
  expect(reasons.slice(1)).toEqual([
    "caCertificate: must be a certificate in PEM",
    "caPrivateKey: must be an unencrypted private key in PEM",
  ]);
});

test("creates nothing in a preview, and shows what an update keeps", async () => {
  const create = new messages.CreateRequest().setUrn(authority).setProperties(struct(inputs));
  const preview = await call<InstanceType<typeof messages.CreateResponse>>(
    "create",
    create.clone().setPreview(true),
  );
  expect(preview.getProperties()?.toJavaScript()).toEqual(inputs);
  expect(preview.getId()).toBe("");

  const made = await call<InstanceType<typeof messages.CreateResponse>>("create", create);
  const state = made.getProperties()?.toJavaScript() as WireValues;
  expect(made.getId()).toMatch(/^[0-9a-f]{16}$/);

  const news = { ...inputs, issuedAt: "2026-03-02T00:00:00Z" };
  const update = new messages.UpdateRequest().setUrn(authority).setOlds(struct(state)).setNews(struct(news));
  const previewed = await call<InstanceType<typeof messages.UpdateResponse>>(
    "update",
    update.clone().setPreview(true),
  );
  expect(previewed.getProperties()?.toJavaScript()).toEqual({
    ...news,
    certificate: encode(unknown),
    privateKey: state.privateKey,
    notAfter: "2026-05-31T00:00:00Z",
  });
  const updated = await call<InstanceType<typeof messages.UpdateResponse>>("update", update);
  expect(updated.getProperties()?.toJavaScript()).toMatchObject({ ...news, privateKey: state.privateKey });
});

test("reports what replaces", async () => {
  const request = new messages.DiffRequest().setUrn(urn("DkimKey"));
  request.setOlds(struct({ algorithm: "ed25519" })).setNews(struct({ algorithm: "rsa-2048" }));
  const difference = await call<InstanceType<typeof messages.DiffResponse>>("diff", request);
  expect(difference.getReplacesList()).toEqual(["algorithm"]);
  expect(difference.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_SOME);
});

test("an error reaches the engine as its message", async () => {
  await expect(check("Mailbox", {})).rejects.toThrow(
    /maildomain has no resource type maildomain:index:Mailbox/,
  );
});
