/** Programs in other languages ask the engine for the components, and the engine the provider. */
import { createPrivateKey, randomBytes, randomInt, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { schema } from "../../languages/schema.ts";
import { agentState } from "../../outputs/certificate-agent.ts";
import { wholeProgram } from "../../package/example-program.ts";
import project from "../../package.json" with { type: "json" };
import { findProgram, run, runOrThrow } from "../../toolchain/child-process.ts";
import { languageToolsFolder } from "../../toolchain/language-tools.ts";
import { AcmeAuthority, freePort, hasPebble } from "../kit/acme-authority.ts";
import { hasAgent } from "../kit/certificate-agent.ts";
import { makeAuthority, makeKey, makeLeaf, pemOf } from "../kit/certificates.ts";
import { bridgeAddress, docker, objectsOf } from "../kit/engine.ts";
import { generateSdk, installPythonSdk, pythonPath } from "../kit/generated-sdk.ts";
import { NameServer } from "../verify/name-server.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const programs = join(projectFolder, "node_modules/.bin");
const hostName = "mail.example.test";
/** Of the agent's own port. */
const agentAddress = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`;
const hasTools = existsSync(languageToolsFolder());
const resourceNames = Object.keys(schema("").resources).map((token) => token.split(":").at(-1) ?? "");
const launcher = join(projectFolder, "provider/pulumi-resource-maildomain");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maildomain-languages-"));
  await mkdir(join(folder, "state"));
  await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [programs, languageToolsFolder(), process.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

function pulumi(...args: string[]): Promise<string> {
  return pulumiWith({}, ...args);
}

async function pulumiWith(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  const env = { ...environment(), ...variables };
  const { status, stdout, output } = await run("pulumi", [...args, "--non-interactive"], {
    cwd: folder,
    env,
  });
  // Whole: what is asked of an error may be anywhere in it.
  if (status !== 0) throw new Error(output);
  return stdout;
}

/** Makes it the folder's program, with a stack of its own name. */
async function select(stack: string, project: object): Promise<void> {
  const plugins = { providers: [{ name: "maildomain", path: join(projectFolder, "provider") }] };
  await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify({ name: "languages", plugins, ...project }));
  await pulumi("stack", "select", "--create", stack);
}

/** The types of what a preview would create, below the program itself. */
async function created(project: object, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  await select("test", project);
  const { steps } = JSON.parse(await pulumiWith(env, "preview", "--json")) as {
    steps: { op: string; newState: { type: string } }[];
  };
  return steps
    .filter(({ op }) => op === "create")
    .map(({ newState }) => newState.type)
    .toSorted();
}

/** How a YAML program refers to others. */
const resource = (name: string) => `\${${name}}`;

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
  account: { directory: "https://acme.example.test/dir", agreeToTerms: true },
  agent: { directory: "https://acme.example.test/dir", certificatesVolume: "certificates" },
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
const dnsServer = new Component("LocalDnsServer", "dns-server", { zones, address: server.containerName }, []);
const account = new pulumi.CustomResource("maildomain:index:AcmeAccount", "account", {
  ...properties.account,
  privateKey: undefined,
});
const acme = new Component("AcmeCertificate", "acme", properties.certificate, ["request"]);
const web = new Component("WebServer", "web", { ...properties.web, certificate: acme, certificatesVolume: "certificates" }, []);
const orders = [{ name: "web", hostNames: properties.certificate.hostNames, request: acme.request }];
const agent = { ...properties.agent, orders, accountKey: account.privateKey, after: [dnsServer, web] };
new Component("CertificateAgent", "agent", agent, []);
const { hostName, container, webmailHost, network } = properties.webmail;
new Component("Webmail", "webmail", { servers: [{ hostName, container, domains: [{ domain, webmailHost }] }], network }, []);
export const { passwords } = server;
export const { instructions } = zones;
`;

let fromGenerated: string[];

test("a generated SDK declares every component, with everything below it", async () => {
  await writeFile(join(folder, "index.js"), generated);
  const runtime = { name: "nodejs", options: { typescript: false } };
  fromGenerated = await created({ main: "index.js", runtime });
  expect(fromGenerated.filter((type) => type.startsWith("maildomain:"))).toEqual([
    "maildomain:index:AcmeAccount",
    "maildomain:index:AcmeCertificate",
    "maildomain:index:CertificateAgent",
    "maildomain:index:CertificateAuthority",
    "maildomain:index:ConfigurationVolume",
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
    "maildomain:index:ServedGeneration",
    "maildomain:index:ServerCertificate",
    "maildomain:index:ServerCertificate",
    "maildomain:index:WebServer",
    "maildomain:index:Webmail",
  ]);
});

test.skipIf(!hasTools)(
  "YAML declares the same (skipped without language tools, which Go, PyPI or their proxies lack)",
  async () => {
    const { domain, certificate, server, zones, account, agent, webmail } = properties;
    const { hostName, webmailHost, container, network } = webmail;
    const domains = [resource('["example.test"]')];
    const web = {
      ...properties.web,
      certificate: resource("acme"),
      certificatesVolume: agent.certificatesVolume,
    };
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
      account: { type: "maildomain:AcmeAccount", properties: account },
      acme: { type: "maildomain:AcmeCertificate", properties: certificate },
      web: { type: "maildomain:WebServer", properties: web },
      agent: {
        type: "maildomain:CertificateAgent",
        properties: {
          ...agent,
          orders: [{ name: "web", hostNames: certificate.hostNames, request: resource("acme.request") }],
          accountKey: resource("account.privateKey"),
          after: [resource('["dns-server"]'), resource("web")],
        },
      },
      webmail: {
        type: "maildomain:Webmail",
        properties: { servers: [{ hostName, container, domains: domainsWithWebmail }], network },
      },
    };
    const program = { runtime: "yaml", resources };
    expect(await created(program)).toEqual(fromGenerated);
  },
);

test.skipIf(!hasTools || !hasPebble || !hasAgent)(
  "a certificate by ACME from YAML (skipped without language tools and Pebble, which Go, PyPI or their proxies lack)",
  async () => {
    const stack = `test-${randomBytes(4).toString("hex")}`;
    const [bridge, httpPort] = [await bridgeAddress(), await freePort(agentAddress)];
    await using resolver = await NameServer.start({ [`${hostName} A`]: [agentAddress] }, bridge);
    await using authority = await AcmeAuthority.start({
      address: bridge,
      names: [bridge],
      httpPort,
      resolver: resolver.address,
    });
    const { directory, root: roots } = authority;
    const hostNames = [hostName];
    const program = {
      runtime: "yaml",
      resources: {
        account: { type: "maildomain:AcmeAccount", properties: { directory, roots, agreeToTerms: true } },
        certificate: { type: "maildomain:AcmeCertificate", properties: { hostNames } },
        chains: { type: "docker:Volume" },
        agent: {
          type: "maildomain:CertificateAgent",
          properties: {
            orders: [{ name: "mail-server", hostNames, request: resource("certificate.request") }],
            directory,
            roots,
            accountKey: resource("account.privateKey"),
            certificatesVolume: resource("chains.name"),
            addresses: [agentAddress],
            port: httpPort,
            resolver: resolver.address,
          },
        },
      },
      outputs: {
        container: resource("agent.containerName"),
        privateKey: resource("certificate.privateKey"),
      },
    };
    await select(stack, program);
    try {
      await pulumi("up", "--yes", "--skip-preview");
      const state = await pulumi("stack", "export");
      expect(state).not.toContain("PRIVATE KEY");
      const outputs = await pulumi("stack", "output", "--json", "--show-secrets");
      const { container, privateKey } = JSON.parse(outputs) as Record<"container" | "privateKey", string>;
      const issued = async () =>
        (await agentState(new DockerEngine(undefined), container)).certificates.get("mail-server");
      await expect.poll(issued, { timeout: 120_000, interval: 500 }).toMatchObject({ state: "valid" });
      const chain = await docker("exec", container, "cat", "/var/lib/certificates/mail-server/chain.pem");
      const shown = new X509Certificate(chain);
      expect(shown.issuer).toMatch(/Pebble Intermediate/);
      expect(shown.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
      await pulumi("preview", "--expect-no-changes");
    } finally {
      await pulumi("destroy", "--yes", "--skip-preview");
    }
    expect(await objectsOf(`languages-${stack}`)).toEqual([]);
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

    test("docs/components.md shows one program, which TypeScript, YAML and Python declare alike", async () => {
      const root = await makeAuthority("Root");
      const between = await makeAuthority("Between", root);
      const key = makeKey();
      await writeFile(join(folder, "mail.key"), pemOf(key));
      await writeFile(join(folder, "mail.pem"), await makeLeaf(["mail.example.org"], between, { key }));
      await writeFile(join(folder, "chain.pem"), between.certificate);

      const components = [...wholeProgram.ts.matchAll(/ new (\w+)\(/g)].map(([, name]) => name);
      const library = join(projectFolder, "components/index.ts");
      const imports = `import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import { ${[...new Set(components)].join(", ")} } from ${JSON.stringify(library)};
`;
      await writeFile(join(folder, "index.ts"), imports + wholeProgram.ts);
      const types = { extends: join(projectFolder, "tsconfig.json"), files: ["index.ts"] };
      const compilerOptions = { noUnusedLocals: false, typeRoots: [join(folder, "node_modules/@types")] };
      await writeFile(
        join(folder, "tsconfig.json"),
        JSON.stringify({ ...types, compilerOptions, include: [] }),
      );
      await runOrThrow("tsc", join(programs, "tsc"), ["--project", folder]);
      const runtime = { name: "nodejs", options: { typescript: false } };
      const fromTypeScript = await created({ main: "index.ts", runtime });
      for (const name of resourceNames) expect(fromTypeScript).toContain(`maildomain:index:${name}`);

      const resources: unknown = parse(wholeProgram.yaml);
      expect(await created({ runtime: "yaml", resources })).toEqual(fromTypeScript);

      // Pulumi's SDK of Docker: as much of it as the program names.
      const header = `import pulumi, pulumi_maildomain as maildomain
class docker:
    class Volume(pulumi.CustomResource):
        name: pulumi.Output[str]
        def __init__(self, name):
            super().__init__("docker:index/volume:Volume", name, {"name": None})
`;
      await writeFile(join(folder, "__main__.py"), header + wholeProgram.python);
      expect(
        await created({ runtime: "python" }, { PYTHONPATH: pythonPath(join(folder, "python")) }),
      ).toEqual(fromTypeScript);
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

describe("pulumi package add, by the provider's program", () => {
  async function add(runtime: string) {
    const cwd = join(folder, `add-${runtime}`);
    await mkdir(cwd);
    await writeFile(join(cwd, "Pulumi.yaml"), JSON.stringify({ name: "languages", runtime }));
    const words = ["package", "add", launcher, "--non-interactive"];
    return { cwd, ...(await run("pulumi", words, { cwd, env: environment() })) };
  }

  test.skipIf(!hasTools)(
    "YAML: a program needs nothing more (skipped without language tools, which Go, PyPI or their proxies lack)",
    async () => {
      const { cwd, status, output } = await add("yaml");
      // The host that can be built from modules has no last step: nothing depends on it.
      if (status !== 0) expect(output).toContain("Link not implemented");
      const declaration = join(cwd, `sdks/maildomain/maildomain-${project.version}.yaml`);
      expect(parse(await readFile(declaration, "utf8"))).toMatchObject({
        name: "maildomain",
        version: project.version,
      });
      const resources = { key: { type: "maildomain:DnssecKey", properties: { zone: "example.org" } } };
      await writeFile(
        join(cwd, "Pulumi.yaml"),
        JSON.stringify({ name: "languages", runtime: "yaml", resources }),
      );
      // As node_modules/.bin is for npx.
      const env = environment();
      await mkdir(join(cwd, "bin"));
      await symlink(launcher, join(cwd, "bin/pulumi-resource-maildomain"));
      const PATH = [join(cwd, "bin"), env.PATH].join(delimiter);
      const inIt = (...words: string[]) =>
        runOrThrow("pulumi", "pulumi", [...words, "--non-interactive"], { cwd, env: { ...env, PATH } });
      await inIt("stack", "select", "--create", "added");
      expect((await inIt("preview")).stdout).toContain("maildomain:index:DnssecKey");
    },
  );

  test.for(["python", "nodejs", "go"])("an SDK for %s", async (language, { skip }) => {
    const { cwd, status, output } = await add(language);
    const cannot = /GeneratePackage not implemented|no language plugin [^ ]+/.exec(output)?.[0];
    skip(cannot !== undefined, `the CLI has no generator for ${language}: ${cannot}`);
    expect(status, output).toBe(0);
    expect(await readdir(join(cwd, "sdks"))).toEqual(["maildomain"]);
  });
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
