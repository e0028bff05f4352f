/** A day of somebody who uses the package in a Pulumi program of their own. */
import { randomBytes, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageOf } from "../../components/server-image.ts";
import { schema } from "../../languages/schema.ts";
import { peers } from "../../package/published.ts";
import manifest from "../../package.json" with { type: "json" };
import { languageToolsFolder } from "../../toolchain/language-tools.ts";
import { type Consumer, PackedPackage } from "../kit/consumer.ts";
import { documentedProgram } from "../kit/documented-program.ts";
import { generateSdk, installPythonSdk, pythonPath } from "../kit/generated-sdk.ts";
import { withNeighbour } from "../kit/neighbouring-program.ts";
import { consumerDay } from "./suites/consumer-day.ts";
import { consumerUpgrade } from "./suites/consumer-upgrade.ts";

/** A stack's name and address, which nobody else has. */
const place = () => ({
  stack: `test-${randomBytes(4).toString("hex")}`,
  address: `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`,
});
const { stack, address } = place();

/** In TypeScript, which is JavaScript, too. */
const program = documentedProgram("ts", "import { LabCertificate", address);
const provider = "node_modules/maildomain/provider";
const hasLanguages = existsSync(languageToolsFolder());

const project = (options: object | undefined, main?: string) => ({
  name: "mail",
  main,
  runtime: options === undefined ? "nodejs" : { name: "nodejs", options },
});

/** That of Pulumi's template for TypeScript. */
const templateOptions = {
  strict: true,
  outDir: "bin",
  target: "es2020",
  module: "commonjs",
  moduleResolution: "node",
  sourceMap: true,
  experimentalDecorators: true,
  pretty: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
};
const strictOptions = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", types: ["node"] };

let packed: PackedPackage;
/** Pulumi's own template. */
let template: Consumer;

beforeAll(async () => {
  packed = await PackedPackage.make();
  template = await packed.install("template", {
    "@pulumi/pulumi": peers["@pulumi/pulumi"].highest,
    "@pulumi/docker": peers["@pulumi/docker"].highest,
    typescript: "5",
    "@types/node": "24",
  });
  await template.write({
    "index.ts": program,
    "tsconfig.json": { compilerOptions: templateOptions, files: ["index.ts"] },
    "Pulumi.yaml": project(undefined),
  });
});
afterAll(() => packed?.remove());

test("it holds what runs, its types, the images and its page, and is small", async () => {
  const files = await packed.files();
  expect([...new Set(files.map((path) => path.split("/")[0]))].toSorted()).toMatchInlineSnapshot(`
    [
      "CHANGELOG.md",
      "LICENSE",
      "PulumiPlugin.yaml",
      "README.md",
      "clients",
      "components",
      "components.md",
      "engine",
      "images",
      "keys",
      "languages",
      "naming",
      "package.json",
      "provider",
      "publishers",
      "records",
      "servers",
      "stages",
    ]
  `);
  expect(files.filter((path) => /\.(?<!\.d\.)m?ts$|\.test\.|Pulumi\..*yaml$/.test(path))).toEqual([]);
  // What is in it and runs in containers makes the same image as in the checkout.
  const image = join(template.folder, "node_modules/maildomain/components/server-image.js");
  const { tag } = ((await import(image)) as { imageOf: typeof imageOf }).imageOf("mail-server");
  expect(tag).toBe(imageOf("mail-server").tag);
  expect(await template.ownSize()).toBeLessThan(60 * 2 ** 20);
});

test("it is a plugin, which Pulumi's host for Node.js starts; its schema is the one that is committed", async () => {
  expect(await readFile(join(template.folder, "node_modules/maildomain/PulumiPlugin.yaml"), "utf8")).toBe(
    "runtime: nodejs\n",
  );
  // The way in which that host starts what such a file is beside.
  const host = await mkdtemp(join(packed.folder, "host-"));
  const start = join(host, "pulumi-resource-maildomain");
  const [runPlugin, plugin] = ["@pulumi/pulumi/cmd/run-plugin", "maildomain"].map((path) =>
    join(template.folder, "node_modules", path),
  );
  await writeFile(start, `#!/bin/sh\nexec node ${runPlugin} ${plugin} "$@"\n`, { mode: 0o755 });
  const read: unknown = JSON.parse(await template.pulumi("package", "get-schema", start));
  expect(read).toEqual(schema(manifest.version));
});

test("types are right for the template, and strictly for NodeNext and bundlers", async () => {
  const strict = {
    nodenext: { ...strictOptions, module: "nodenext" },
    bundler: { ...strictOptions, module: "esnext", moduleResolution: "bundler" },
  };
  for (const [name, compilerOptions] of Object.entries(strict)) {
    await template.write({ [`tsconfig.${name}.json`]: { compilerOptions, files: ["index.ts"] } });
  }
  const all = ["tsconfig.json", ...Object.keys(strict).map((name) => `tsconfig.${name}.json`)];
  const outcomes = await Promise.all(all.map((file) => template.run("tsc", "--noEmit", "--project", file)));
  expect(outcomes.map(({ output }) => output)).toEqual(all.map(() => ""));
});

test("the lowest versions of what it stands on, in a unit test of the program", async () => {
  const versions = Object.entries(peers).map(([name, { lowest }]) => [name, lowest]);
  const lowest = await packed.install("lowest", Object.fromEntries(versions));
  await lowest.write({
    "package.json": { type: "module" },
    "index.js": program,
    "test.js": `
      import * as pulumi from "@pulumi/pulumi";
      import { mailDomainMocks } from "maildomain/testing";
      import { DnsZones } from "maildomain";

      await pulumi.runtime.setMocks(mailDomainMocks, "project", "test");
      const { passwords } = await import("./index.js");
      new DnsZones("dns", {
        zones: [{ name: "example.org", dns: "cloudflare", cloudflareZone: "023e105f4ecef8ad9ca31a8372d0c353" }],
        servers: [{ hostName: "mail.example.org", addresses: { ipv4: "192.0.2.25" }, ttl: 3600 }],
        domains: [],
        nameServerAddress: "192.0.2.25",
      });
      passwords.apply((known) => console.log(JSON.stringify(known)));
    `,
  });
  expect((await lowest.run("node", "test.js")).output).toBe('{"ana@example.org":"generated"}\n');
});

test("ES modules, and TypeScript that Node runs itself; what to do for a CLI that does not find the provider", async () => {
  const [modules, native] = [await template.copy("modules"), await template.copy("native")];
  await modules.write({
    "package.json": { type: "module" },
    "index.js": program,
    "Pulumi.yaml": project({ typescript: false }, "index.js"),
  });
  await native.write({
    "package.json": { type: "module" },
    "Pulumi.yaml": project({ typescript: false }, "index.ts"),
  });
  const all = [];
  for (const consumer of [modules, native]) {
    await consumer.initialise(stack);
    all.push(await consumer.created());
  }
  expect(all[0]).toContain("maildomain:index:MailServer");
  const { status, output } = await modules.runByName(
    "pulumi",
    "preview",
    "--non-interactive",
    "--color=never",
  );
  expect(status).not.toBe(0);
  // The CLI prints it as it comes, and once more at the end.
  expect([...new Set(output.match(/error: .*/g))]).toEqual([
    expect.stringMatching(/^error: Pulumi does not find the provider of maildomain/),
  ]);
  expect(all[1]).toEqual(all[0]);
});

describe("a day with Pulumi's template for TypeScript", () => {
  const neighbouring = withNeighbour(program, [address, place().address]);
  consumerDay(() => ({
    consumer: template,
    stack,
    address,
    file: "index.ts",
    program: neighbouring.program,
    neighbour: neighbouring.address,
  }));
});

describe.skipIf(!hasLanguages)(
  "a day in YAML (skipped without language tools, which Go, PyPI or their proxies lack)",
  () => {
    const { stack, address } = place();
    const program = documentedProgram("yaml", "name: mail\nruntime: yaml", address);
    let consumer: Consumer;
    beforeAll(async () => {
      consumer = await template.copy("yaml", { programs: [languageToolsFolder()] });
    });
    consumerDay(() => ({ consumer, stack, address, file: "Pulumi.yaml", program }));
  },
);

describe.skipIf(!hasLanguages)(
  "a day in Python (skipped without language tools, which Go, PyPI or their proxies lack)",
  () => {
    const { stack, address } = place();
    const program = documentedProgram("python", "import pulumi", address);
    let consumer: Consumer;
    beforeAll(async () => {
      const modules = join(packed.folder, "python-modules");
      const tools = { programs: [languageToolsFolder()], pythonPath: pythonPath(modules) };
      consumer = await template.copy("python", tools);
      // `pulumi package add` does it where the CLI has its own language hosts.
      const [schemaFile, sdk] = [join(packed.folder, "schema.json"), join(packed.folder, "python-sdk")];
      const launcher = `./${provider}/pulumi-resource-maildomain`;
      await writeFile(schemaFile, await template.pulumi("package", "get-schema", launcher));
      await generateSdk("python", schemaFile, sdk);
      await installPythonSdk(sdk, modules);
      const plugins = { providers: [{ name: "maildomain", path: provider }] };
      await consumer.write({
        "Pulumi.yaml": { name: "mail", runtime: "python", plugins },
      });
    });
    consumerDay(() => ({ consumer, stack, address, file: "__main__.py", program }));
  },
);

describe("a stack that an earlier version of the package has made", () => {
  consumerUpgrade(() => template);
});

test("docs/package.md names the versions that are tested", async () => {
  const page = await readFile(new URL("../../docs/package.md", import.meta.url), "utf8");
  for (const [name, { lowest, highest, optional }] of Object.entries(peers)) {
    expect(page).toContain(`| \`${name}\`${optional ? " (optional)" : ""} | ${lowest} | ${highest} |`);
  }
});
