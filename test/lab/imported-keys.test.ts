/** `pulumi import` by the real engine: keys that OpenSSL has made, and what a program that declares them makes of them. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOrThrow } from "../../toolchain/child-process.ts";
import { ProviderStack } from "../kit/provider-stack.ts";

const library = fileURLToPath(new URL("../../components/index.ts", import.meta.url));
const days = 1000;
const program = `
import { CertificateAuthority, DnssecKey, DnsZones, LabCertificate, ServerCertificate } from ${JSON.stringify(library)};

const authority = new CertificateAuthority("authority", { commonName: "Former authority", days: ${days} });
const server = new ServerCertificate("server", {
  hostNames: ["mail.example.test"],
  caCertificate: authority.certificate,
  caPrivateKey: authority.privateKey,
});
const zone = new DnssecKey("zone", { zone: "example.test" });
// Components, whose keys are imported with them.
const certificate = new LabCertificate("certificate", { hostNames: ["mail.example.net"], authority });
const dns = new DnsZones("dns", {
  zones: [{ name: "example.net" }],
  servers: [{ hostName: "mail.example.net", addresses: { ipv4: "192.0.2.25" }, ttl: 3600 }],
  domains: [],
  nameServerAddress: "192.0.2.25",
});

export const keys = {
  authority: authority.privateKey,
  server: server.privateKey,
  zone: zone.privateKey,
  "certificate-server": certificate.privateKey,
};
export const certificates = { authority: authority.certificate, server: server.certificate };
export const ds = dns.localZones[0]?.ds;
`;

const imports = [
  ["CertificateAuthority", "authority", "authority.pem"],
  ["ServerCertificate", "server", "server.pem"],
  ["DnssecKey", "zone", "example.test:zone.pem"],
] as const;
/** Those of components, by name. */
const ofComponents: Readonly<Record<string, string>> = {
  "certificate-server": "certificate-server.pem",
  "example.net-zone-key": "example.net:example.net-zone-key.pem",
};

interface Outputs {
  readonly keys: Readonly<Record<string, string>>;
  readonly certificates: Readonly<Record<"authority" | "server", string>>;
}

interface ImportFile {
  readonly resources: readonly { readonly name: string; readonly component?: true; readonly id?: string }[];
}

let stack: ProviderStack;
const openssl = (...args: string[]) => runOrThrow("openssl", "openssl", args, { cwd: stack.folder });
const read = (file: string) => readFileSync(join(stack.folder, file), "utf8");
const publicKeyOf = (pem: string) =>
  createPublicKey(createPrivateKey(pem)).export({ type: "spki", format: "pem" });
const importOptions = ["--yes", "--skip-preview", "--generate-code=false"];

beforeAll(async () => {
  stack = await ProviderStack.create(undefined, program);
  const own = imports.map(([, name]) => `${name}.pem`);
  for (const file of [...own, ...Object.keys(ofComponents).map((name) => `${name}.pem`)]) {
    await openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file);
  }
  const subject = ["-subj", "/CN=Former authority", "-days", String(days)];
  await openssl("req", "-x509", "-new", "-key", "authority.pem", ...subject, "-out", "authority.crt");
  writeFileSync(join(stack.folder, "authority.pem"), read("authority.pem") + read("authority.crt"));
});
afterAll(() => stack.takeDown());

test("takes each over without a complaint", async () => {
  for (const [type, name, id] of imports) {
    const printed = await stack.pulumi("import", `maildomain:index:${type}`, name, id, ...importOptions);
    expect(printed).toMatch(/1 imported/);
    expect(printed).not.toMatch(/warning|problem/);
  }
});

test("those of components, by the file that a preview writes", async () => {
  await stack.pulumi("preview", "--import-file", "found.json");
  const { resources, ...others } = JSON.parse(read("found.json")) as ImportFile;
  const named = resources.flatMap(({ id, ...resource }) => {
    if (resource.component) return resource;
    const own = ofComponents[resource.name];
    return own === undefined ? [] : { ...resource, id: own };
  });
  expect(named.filter((each) => "id" in each)).toHaveLength(Object.keys(ofComponents).length);
  writeFileSync(join(stack.folder, "import.json"), JSON.stringify({ ...others, resources: named }));
  const printed = await stack.pulumi("import", "--file", "import.json", ...importOptions);
  expect(printed).not.toMatch(/warning|problem/);
});

test("the program that declares them replaces and makes none, and uses the same keys", async () => {
  const { steps } = JSON.parse(await stack.pulumi("preview", "--json")) as {
    steps: { op: string; urn: string }[];
  };
  const changed = steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
  // A certificate is issued for each of the servers' keys; a zone has the records that it had no program for.
  expect(changed.toSorted()).toEqual([
    "update certificate-server",
    "update example.net-zone",
    "update server",
  ]);
  await stack.up();
  const { keys, certificates } = (await stack.outputs()) as unknown as Outputs;
  for (const [name, key] of Object.entries(keys)) {
    expect(publicKeyOf(key), name).toBe(publicKeyOf(read(`${name}.pem`)));
  }
  expect(new X509Certificate(certificates.authority).raw).toEqual(
    new X509Certificate(read("authority.crt")).raw,
  );
  const server = new X509Certificate(certificates.server);
  expect(server.verify(new X509Certificate(certificates.authority).publicKey)).toBe(true);
  expect(server.checkPrivateKey(createPrivateKey(read("server.pem")))).toBe(true);
  await stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
});

test("no key lies in the state in plain text", async () => {
  expect(await stack.exportState()).not.toContain("PRIVATE KEY");
});

test.each([
  ["DkimKey", "declare it with the key as its `privateKey`, which a MailDomain has in `dkim`"],
  ["AcmeAccount", "declare it, and `up` opens an account of its own"],
  ["MailServer", "declare it, and all that is below it will be made"],
])("%s is refused, with what to do instead", async (type, instead) => {
  const outcome = stack.pulumi("import", `maildomain:index:${type}`, "other", "x", ...importOptions);
  await expect(outcome).rejects.toMatchObject({
    stdout: expect.stringContaining(`maildomain:index:${type} cannot be imported: ${instead}`),
  });
});
