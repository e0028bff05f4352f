/** A day of somebody who uses the package in a Pulumi program of their own. */
import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageOf } from "../../components/server-image.ts";
import { schema } from "../../languages/schema.ts";
import { peers } from "../../package/published.ts";
import manifest from "../../package.json" with { type: "json" };
import { type Consumer, PackedPackage } from "../kit/consumer.ts";
import { objectsOf, removeObjects } from "../kit/engine.ts";
import { subjectsIn } from "../kit/mail-clients.ts";

const stack = `test-${randomBytes(4).toString("hex")}`;
const address = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`;
const hostName = "mail.example.test";

const program = (mailboxes: readonly string[]) => `
import { LabCertificate, MailDomain, MailServer } from "maildomain";

const hostName = "${hostName}";
const domain = new MailDomain("example.test", {
  domain: "example.test",
  hostName,
  addresses: { ipv4: "${address}" },
  mailboxes: ${JSON.stringify(mailboxes.map((name) => ({ address: `${name}@example.test` })))},
});
const certificate = new LabCertificate("certificate", { hostNames: [hostName, ...domain.clientNames] });
const server = new MailServer("mail-server", {
  hostName,
  domains: [domain],
  certificate,
  address: "${address}",
  sealedZones: [],
  keepMail: false,
});

export const passwords = server.passwords;
export const generation = server.generation;
export const container = server.containerName;
`;

const project = (options: object | undefined, main?: string) => ({
  name: "maildomain",
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

/** The resources of a program that a preview would create, by type. */
async function createdIn(consumer: Consumer): Promise<string[]> {
  const { steps } = JSON.parse(await consumer.pulumi("preview", "--json")) as {
    steps: { op: string; urn: string; newState: { type: string; inputs: { name?: string } } }[];
  };
  return steps
    .filter(({ op }) => op === "create")
    .map(({ newState }) => newState.type)
    .toSorted();
}

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
    "index.ts": program(["ana"]),
    "tsconfig.json": { compilerOptions: templateOptions, files: ["index.ts"] },
    "Pulumi.yaml": project(undefined),
  });
});
afterAll(async () => {
  await removeObjects(await objectsOf(`maildomain-${stack}`));
  await packed?.remove();
});

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
    "index.js": program(["ana"]),
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
  expect((await lowest.run("node", "test.js")).output).toBe('{"ana@example.test":"generated"}\n');
});

test("ES modules, and TypeScript that Node runs itself; what to do for a CLI that does not find the provider", async () => {
  const [modules, native] = [await template.copy("modules"), await template.copy("native")];
  await modules.write({
    "package.json": { type: "module" },
    "index.js": program(["ana"]),
    "Pulumi.yaml": project({ typescript: false }, "index.js"),
  });
  await native.write({
    "package.json": { type: "module" },
    "Pulumi.yaml": project({ typescript: false }, "index.ts"),
  });
  const all = [];
  for (const consumer of [modules, native]) {
    await consumer.initialise(stack);
    all.push(await createdIn(consumer));
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

describe("a day", () => {
  /** What the program has exported. */
  async function outputs() {
    const text = await template.pulumi("stack", "output", "--json", "--show-secrets");
    return JSON.parse(text) as { passwords: Record<string, string> };
  }

  async function passwordOf(user: string): Promise<string> {
    return (await outputs()).passwords[user] ?? "";
  }

  async function inbox(user: string): Promise<string[]> {
    const auth = { user, pass: await passwordOf(user) };
    const tls = { rejectUnauthorized: false };
    const client = new ImapFlow({ host: address, port: 993, secure: true, tls, auth, logger: false });
    await client.connect();
    return await subjectsIn(client, "INBOX");
  }

  test("up, from Pulumi's template", async () => {
    await template.initialise(stack);
    expect(await createdIn(template)).toContain("maildomain:index:Credentials");
    await template.pulumi("up", "--yes", "--skip-preview");
    expect(Object.keys((await outputs()).passwords)).toEqual(["ana@example.test"]);
  });

  test("mail in: a stranger's bounce", async () => {
    const transport = createTransport({ host: address, port: 25, tls: { rejectUnauthorized: false } });
    const envelope = { from: "", to: "ana@example.test" };
    const message = {
      from: "postmaster@elsewhere.test",
      to: "ana@example.test",
      subject: "hello",
      text: "hi",
    };
    await expect
      .poll(() => transport.sendMail({ ...message, envelope }).then(() => "sent", String))
      .toBe("sent");
    await expect.poll(() => inbox("ana@example.test")).toContain("hello");
  });

  test("a second mailbox, and mail out to it, without another container", async () => {
    await template.write({ "index.ts": program(["ana", "ben"]) });
    const summary = await template.pulumi("up", "--yes", "--skip-preview");
    expect(summary).not.toMatch(/mail-server-container.*(?:replaced|updated|created)/);
    const auth = { user: "ana@example.test", pass: await passwordOf("ana@example.test") };
    const tls = { rejectUnauthorized: false };
    const transport = createTransport({ host: address, port: 465, secure: true, tls, auth });
    const message = { from: auth.user, to: "ben@example.test", subject: "welcome", text: "hi" };
    await expect.poll(() => transport.sendMail(message).then(() => "sent", String)).toBe("sent");
    await expect.poll(() => inbox("ben@example.test").catch(String)).toContain("welcome");
  });

  test("destroy leaves nothing", async () => {
    await template.pulumi("destroy", "--yes", "--skip-preview");
    expect(await objectsOf(`maildomain-${stack}`)).toEqual([]);
  });
});

test("docs/package.md names the versions that are tested", async () => {
  const page = await readFile(new URL("../../docs/package.md", import.meta.url), "utf8");
  for (const [name, { lowest, highest, optional }] of Object.entries(peers)) {
    expect(page).toContain(`| \`${name}\`${optional ? " (optional)" : ""} | ${lowest} | ${highest} |`);
  }
});
