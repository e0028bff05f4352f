/** Programs in other languages ask the engine for the components, and the engine the provider. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schema } from "../../languages/schema.ts";
import project from "../../package.json" with { type: "json" };
import { findProgram, run, runOrThrow } from "../../toolchain/child-process.ts";
import { languageToolsFolder } from "../../toolchain/language-tools.ts";
import { generateSdk, installPythonSdk, pythonPath } from "../kit/generated-sdk.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const programs = join(projectFolder, "node_modules/.bin");
const hostName = "mail.example.test";
const hasTools = existsSync(languageToolsFolder());
const resourceNames = Object.keys(schema("").resources).map((token) => token.split(":").at(-1) ?? "");
const launcher = join(projectFolder, "provider/pulumi-resource-maildomain");

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
    PATH: [programs, languageToolsFolder(), process.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const words = [...args, "--non-interactive"];
  const { status, stdout, output } = await run("pulumi", words, { cwd: folder, env });
  // Whole: what is asked of an error may be anywhere in it.
  if (status !== 0) throw new Error(output);
  return stdout;
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
  zones: {
    zones: [{ name: "example.test" }],
    servers: [{ hostName, addresses: { ipv4: "127.0.0.1" }, ttl: 3600 }],
    nameServerAddress: "127.0.0.1",
  },
  web: {
    address: "127.0.0.1",
    domains: [
      {
        clients: {
          domain: "example.test",
          incoming: [{ protocol: "IMAP", host: "imap.example.test", port: 993, security: "TLS" }],
          outgoing: [{ protocol: "SMTP", host: "smtp.example.test", port: 465, security: "TLS" }],
        },
        hostNames: ["autoconfig.example.test"],
        pageHost: "autoconfig.example.test",
        autodiscoverHost: "autoconfig.example.test",
      },
    ],
  },
  webmail: { hostName, container: "mail", webmailHost: "webmail.example.test", network: "bridge" },
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
// A resource of the provider, which a component is given.
const authority = new pulumi.CustomResource("maildomain:index:CertificateAuthority", "authority", {
  commonName: "Test authority",
});
const certificate = new Component("LabCertificate", "certificate", { ...properties.certificate, authority }, []);
const server = new Component("MailServer", "mail", { ...properties.server, domains: [domain], certificate }, ["passwords"]);
const zones = new Component("DnsZones", "dns", { ...properties.zones, domains: [domain] }, ["instructions"]);
new Component("LocalDnsServer", "dns-server", { zones, address: server.containerName }, []);
new Component("WebServer", "web", { ...properties.web, certificate }, []);
const { hostName, container, webmailHost, network } = properties.webmail;
new Component("Webmail", "webmail", { servers: [{ hostName, container, domains: [{ domain, webmailHost }] }], network }, []);
export const { passwords } = server;
export const { instructions } = zones;
`;

let fromGenerated: string[];

test("a generated SDK declares every component, with everything below it", async () => {
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "index.js"), generated);
  const runtime = { name: "nodejs", options: { typescript: false } };
  fromGenerated = await created({ main: "index.js", runtime });
  expect(fromGenerated.filter((type) => type.startsWith("maildomain:"))).toEqual([
    "maildomain:index:CertificateAuthority",
    "maildomain:index:ConfigurationVolume",
    "maildomain:index:ConfigurationVolume",
    "maildomain:index:ConfigurationVolume",
    "maildomain:index:ConfigurationVolume",
    "maildomain:index:Credentials",
    "maildomain:index:Directory",
    "maildomain:index:DkimKey",
    "maildomain:index:DkimKey",
    "maildomain:index:DnsZones",
    "maildomain:index:DnssecKey",
    "maildomain:index:DomainStages",
    "maildomain:index:GeneratedSecret",
    "maildomain:index:LabCertificate",
    "maildomain:index:LocalDnsServer",
    "maildomain:index:LocalZone",
    "maildomain:index:MailDomain",
    "maildomain:index:MailServer",
    "maildomain:index:Mailbox",
    "maildomain:index:ServedGeneration",
    "maildomain:index:ServedGeneration",
    "maildomain:index:ServedGeneration",
    "maildomain:index:ServedGeneration",
    "maildomain:index:ServerCertificate",
    "maildomain:index:WebServer",
    "maildomain:index:Webmail",
  ]);
});

test.skipIf(!hasTools)(
  "YAML declares the same (skipped without language tools, which Go, PyPI or their proxies lack)",
  async () => {
    const { domain, certificate, server, zones, web, webmail } = properties;
    const { hostName, webmailHost, container, network } = webmail;
    // How a YAML program refers to others.
    const resource = (name: string) => `\${${name}}`;
    const domains = [resource('["example.test"]')];
    const domainsWithWebmail = [{ domain: domains[0], webmailHost }];
    const resources = {
      "example.test": { type: "maildomain:MailDomain", properties: domain },
      authority: { type: "maildomain:CertificateAuthority", properties: { commonName: "Test authority" } },
      certificate: {
        type: "maildomain:LabCertificate",
        properties: { ...certificate, authority: resource("authority") },
      },
      mail: {
        type: "maildomain:MailServer",
        properties: { ...server, domains, certificate: resource("certificate") },
      },
      dns: { type: "maildomain:DnsZones", properties: { ...zones, domains } },
      "dns-server": {
        type: "maildomain:LocalDnsServer",
        properties: { zones: resource("dns"), address: resource("mail.containerName") },
      },
      web: { type: "maildomain:WebServer", properties: { ...web, certificate: resource("certificate") } },
      webmail: {
        type: "maildomain:Webmail",
        properties: { servers: [{ hostName, container, domains: domainsWithWebmail }], network },
      },
    };
    const program = { runtime: "yaml", resources };
    expect(await created(program)).toEqual(fromGenerated);
  },
);

describe.skipIf(!hasTools)(
  "SDKs (skipped without language tools, which Go, PyPI or their proxies lack)",
  () => {
    /** Writes an SDK of the schema. */
    async function generate(language: string): Promise<string> {
      const sdk = join(folder, "sdk", language);
      const file = join(folder, "schema.json");
      await writeFile(file, JSON.stringify(schema(project.version)));
      await generateSdk(language, file, sdk);
      return sdk;
    }

    test("for Python: every module compiles, and each class's arguments have their types", async () => {
      const sdk = await generate("python");
      const modules = join(folder, "python");
      await installPythonSdk(sdk, modules);
      const python = (...args: string[]) =>
        runOrThrow("python3", "python3", args, {
          env: { ...process.env, PYTHONPATH: pythonPath(modules) },
        });
      await python("-m", "compileall", "-q", modules);
      const { stdout } = await python(
        "-c",
        `import pulumi, pulumi_maildomain as sdk
from pulumi import _types
for name, each in vars(sdk).items():
    if isinstance(each, type) and issubclass(each, pulumi.Resource):
        _types._types_from_py_properties(getattr(sdk, name + "Args"))
        print(name)`,
      );
      expect(stdout.trim().split("\n")).toEqual(expect.arrayContaining(resourceNames));
    });

    test("for Node.js: TypeScript compiles it", async () => {
      const sdk = await generate("nodejs");
      await runOrThrow("tsc", join(programs, "tsc"), ["--noEmit", "--project", sdk]);
      const index = await readFile(join(sdk, "index.ts"), "utf8");
      for (const name of resourceNames) expect(index).toContain(`export const ${name}: `);
    });

    test("for Go: Go compiles it", async () => {
      const sdk = await generate("go");
      const module = join(projectFolder, "toolchain/go/sdk-generators");
      const mod = await readFile(join(module, "go.mod"), "utf8");
      await writeFile(
        join(sdk, "go.mod"),
        mod.replace(/^module .*$/m, "module example.com/pulumi-maildomain/sdk/go"),
      );
      await copyFile(join(module, "go.sum"), join(sdk, "go.sum"));
      const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
      const go = findProgram("go", ["/usr/local/go/bin", "/usr/lib/go/bin"]) ?? "go";
      const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false"];
      await runOrThrow("go build", go, ["build", ...flags, "./..."], { cwd: sdk, env });
    });
  },
);

test.for(["yaml", "dotnet", "java"])("an SDK for %s by the CLI", async (language, { skip }) => {
  const sdk = join(folder, "sdk-by-cli");
  const outcome = await pulumi("package", "gen-sdk", "--language", language, "--out", sdk, launcher).catch(
    (error: unknown) => String(error),
  );
  const cannot = /GeneratePackage not implemented|no language plugin [^ ]+/.exec(outcome)?.[0];
  skip(cannot !== undefined, `the CLI has no generator for ${language}: ${cannot}`);
  expect(outcome).not.toContain("rror");
  const names = await readdir(join(sdk, language), { recursive: true });
  expect(names.filter((name) => /mail_?domain/i.test(name))).not.toEqual([]);
});

test("a value that is known later and is wrong fails with its own words, and not the provider", async () => {
  const { web, certificate } = properties;
  const wrong = {
    ...web,
    domains: web.domains.map((each) => ({ ...each, clients: { ...each.clients, incoming: [] } })),
  };
  await writeFile(
    join(folder, "index.js"),
    generated.slice(0, generated.indexOf("const properties")) +
      `const certificate = new Component("LabCertificate", "certificate", ${JSON.stringify(certificate)}, []);
      new Component("WebServer", "web", { ...${JSON.stringify(wrong)}, certificate }, []);`,
  );
  const runtime = { name: "nodejs", options: { typescript: false } };
  const failure = await created({ main: "index.js", runtime }).catch(String);
  expect(failure).toContain("an account needs one service to receive by and one to send by");
  expect(failure).not.toContain("exited prematurely");
});

test("the CLI reads the schema that is committed, word for word", async () => {
  const read: unknown = JSON.parse(await pulumi("package", "get-schema", launcher));
  expect(read).toEqual(schema(project.version));
});
