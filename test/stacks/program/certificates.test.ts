/** A stack that brings its certificates along. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseRunningStack } from "../../../outputs/running-stack.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { contentsOf } from "../../components/carried.ts";
import { record, value } from "../../components/recorder.ts";
import { makeAuthority, makeKey, makeLeaf, pemOf } from "../../kit/certificates.ts";
import { declare } from "./stacks.ts";

const root = await makeAuthority("Example root");
const between = await makeAuthority("Example R1", root);
const [mailKey, webKey] = [makeKey(), makeKey()];
const mail = ["mail", "imap", "pop3", "smtp"].map((label) => `${label}.example.org`);
const file = async (names: readonly string[], key: typeof mailKey, more: object) => ({
  chain: [await makeLeaf(names, between, { key }), between.certificate, root.certificate].join(""),
  key: pemOf(key),
  ...more,
});
const files = [
  await file(mail, mailKey, {}),
  await file(["*.example.org", "example.org"], webKey, { name: "web" }),
];
const declared = async (certificates: object, more: object = {}) => {
  const settings = stackSchema.parse({
    lab: true,
    domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
    certificates,
    ...more,
  });
  const [outputs, resources] = await record(() => declare(settings));
  return { outputs: JSON.parse(JSON.stringify(await value(pulumi.output(outputs)))) as object, resources };
};

const tlsaOf = (outputs: object) =>
  parseRunningStack(outputs)
    .zones.flatMap(({ records }) => records)
    .filter(({ type }) => type === "TLSA");

test("each server has the first that holds its names, with what stands between and without the root", async () => {
  const { resources, outputs } = await declared({ files, authority: root.certificate });
  const certificates = resources.filter(({ type }) => type.endsWith(":ServerCertificate"));
  expect(
    certificates.map(({ name, inputs }) => [name, Object.keys(inputs.ownCertificates as object)]),
  ).toEqual([
    ["certificate-server", ["own"]],
    ["web-certificate-server", ["web"]],
  ]);
  expect(JSON.stringify(certificates.map(({ inputs }) => inputs.ownCertificates))).not.toContain(
    "PRIVATE KEY",
  );
  expect(resources.map(({ type }) => type)).toContain("maildomain:index:OwnCertificate");
  expect(resources.map(({ type }) => type).join()).not.toMatch(/LabCertificate|CertificateAuthority/);

  const pairs = ["mail-server", "web-server"].map(
    (server) =>
      Object.entries(contentsOf(resources, server) ?? {}).find(([path]) => path.includes("pair.pem"))?.[1],
  );
  for (const pair of pairs) {
    expect(pair).toContain(between.certificate.trim());
    expect(pair).not.toContain(root.certificate.trim());
  }
  // Its own key alone has a TLSA record, not the web's and none that was made here.
  expect(parseRunningStack(outputs).caCertificate).toBe(root.certificate);
  expect(tlsaOf(outputs)).toHaveLength(1);
});

test("a public authority is handed out by nobody", async () => {
  const { resources, outputs } = await declared({ files });
  expect(parseRunningStack(outputs).caCertificate).toBeUndefined();
  const paths = ["web-server", "webmail"].flatMap((server) =>
    Object.keys(contentsOf(resources, server) ?? {}),
  );
  expect(paths.filter((path) => /ca\.crt|authority\.pem/.test(path))).toEqual([]);
});

test("a key that is to serve is published beside the one that was made here", async () => {
  const next = { ...files[0], stage: "published" };
  const { resources, outputs } = await declared({ issuer: "private", files: [next] });
  const server = resources.find(({ name }) => name === "certificate-server");
  expect(server?.inputs).toMatchObject({
    keys: {
      key1: { stage: "serving", path: "maildomain:serverKeys[0].stage" },
      own: { stage: "published", path: "maildomain:certificates.files[0].stage" },
    },
    ownCertificates: { own: {} },
  });
  expect(tlsaOf(outputs)).toHaveLength(2);
});

test.each<[string, object, object, boolean]>([
  ["one that public roots trust", { files }, {}, true],
  ["the same, switched off", { files }, { web: { hsts: false } }, false],
  [
    "the same on another port, which browsers would not look for",
    { files },
    { ports: { https: 8443 } },
    false,
  ],
  ["one of an authority of the company's own", { files, authority: root.certificate }, {}, false],
  ["one of the private authority", {}, {}, false],
  [
    "public ones that do not serve yet",
    { issuer: "private", files: files.map((one) => ({ ...one, stage: "published" })) },
    {},
    false,
  ],
])(
  "browsers are to insist on HTTPS with a certificate that all trust alone: %s",
  async (_, certificates, more, sent) => {
    const { resources } = await declared(certificates, more);
    const configuration = contentsOf(resources, "web-server")?.["nginx/nginx.conf"] ?? "";
    const lines = configuration.match(/^.*Strict-Transport-Security.*$/gm)?.map((line) => line.trim()) ?? [];
    const add = 'add_header Strict-Transport-Security "$strict_transport" always;';
    // Documents, and webmail, whose own header would be a second one.
    expect(lines).toEqual(sent ? [add, "proxy_hide_header Strict-Transport-Security;", add] : []);
  },
);
