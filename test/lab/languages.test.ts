/** Programs in other languages ask the engine for the components, and the engine the provider. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { schema } from "../../languages/schema.ts";
import { findProgram, runOrThrow } from "../../toolchain/child-process.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const programs = join(projectFolder, "node_modules/.bin");
const hostName = "mail.example.test";
const yamlHost = "pulumi-language-yaml";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maildomain-languages-"));
  await mkdir(join(folder, "state"));
  await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function pulumi(...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    PATH: [programs, process.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const words = [...args, "--non-interactive"];
  return (await runOrThrow(`pulumi ${args[0]}`, "pulumi", words, { cwd: folder, env })).stdout;
}

/** The types of what a preview would create, below the program itself. */
async function created(project: object): Promise<string[]> {
  const plugins = { providers: [{ name: "maildomain", path: join(projectFolder, "provider") }] };
  await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify({ name: "languages", plugins, ...project }));
  await pulumi("stack", "select", "--create", "test");
  const { steps } = JSON.parse(await pulumi("preview", "--json")) as {
    steps: { op: string; newState: { type: string } }[];
  };
  return steps
    .filter(({ op }) => op === "create")
    .map(({ newState }) => newState.type)
    .toSorted();
}

const properties = {
  domain: {
    domain: "example.test",
    hostName,
    addresses: { ipv4: "127.0.0.1" },
    mailboxes: [{ address: "ana@example.test" }],
  },
  certificate: { hostNames: [hostName] },
  server: { hostName, address: "127.0.0.1", sealedZones: [], keepMail: false },
};

/** What an SDK that is generated from the schema does. */
const generated = `
import * as pulumi from "@pulumi/pulumi";

class Component extends pulumi.ComponentResource {
  constructor(type, name, properties, outputs) {
    const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super("maildomain:index:" + type, name, { ...properties, ...unknown }, {}, true);
  }
}
const properties = ${JSON.stringify(properties)};
const domain = new Component("MailDomain", "example.test", properties.domain, ["clientNames"]);
const certificate = new Component("LabCertificate", "certificate", properties.certificate, []);
const server = new Component("MailServer", "mail", { ...properties.server, domains: [domain], certificate }, ["passwords"]);
export const { passwords } = server;
`;

let fromGenerated: string[];

test("a generated SDK declares a domain and its server, with everything below them", async () => {
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "index.js"), generated);
  const runtime = { name: "nodejs", options: { typescript: false } };
  fromGenerated = await created({ main: "index.js", runtime });
  expect(fromGenerated.filter((type) => type.startsWith("maildomain:"))).toEqual([
    "maildomain:index:CertificateAuthority",
    "maildomain:index:ConfigurationVolume",
    "maildomain:index:Credentials",
    "maildomain:index:Directory",
    "maildomain:index:DkimKey",
    "maildomain:index:DkimKey",
    "maildomain:index:DomainStages",
    "maildomain:index:LabCertificate",
    "maildomain:index:MailDomain",
    "maildomain:index:MailServer",
    "maildomain:index:Mailbox",
    "maildomain:index:ServedGeneration",
    "maildomain:index:ServerCertificate",
  ]);
});

test.skipIf(findProgram(yamlHost) === undefined)(
  `YAML declares the same (skipped without ${yamlHost})`,
  async () => {
    const { domain, certificate, server } = properties;
    const resources = {
      "example.test": { type: "maildomain:MailDomain", properties: domain },
      certificate: { type: "maildomain:LabCertificate", properties: certificate },
      mail: {
        type: "maildomain:MailServer",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how YAML programs refer to others
        properties: { ...server, domains: ['${["example.test"]}'], certificate: "${certificate}" },
      },
    };
    const program = { runtime: "yaml", resources };
    expect(await created(program)).toEqual(fromGenerated);
  },
);

test("the CLI reads the schema", async () => {
  const launcher = join(projectFolder, "provider/pulumi-resource-maildomain");
  const read = JSON.parse(await pulumi("package", "get-schema", launcher)) as ReturnType<typeof schema>;
  expect(Object.keys(read.resources)).toEqual(Object.keys(schema("").resources).toSorted());
});
