/** Nothing relies on what only an authority of the stack's own has: its certificate, and its resources. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect, onTestFinished, test } from "vitest";
import { closingText, exampleCard } from "../../clients/card.ts";
import { writeClientFiles } from "../../commands/clients.ts";
import { parseRunningStack } from "../../outputs/running-stack.ts";
import { outputsSchema } from "../../outputs/schema.ts";
import { declareStack } from "../../stacks/program/program.ts";
import { stackSchema } from "../../stacks/schema/config.ts";
import { planChecks } from "../../verify/plan.ts";
import { serviceOf } from "../../verify/services.ts";
import { contentsOf } from "../components/carried.ts";
import { record, value } from "../components/recorder.ts";
import { StubIssuer } from "./stub-issuer.ts";

const settings = stackSchema.parse({
  lab: true,
  domains: [{ name: "one.example", mailboxes: [{ name: "ana" }] }],
});

async function declared() {
  const [outputs, resources] = await record(() =>
    declareStack(settings, {
      name: "test",
      identity: "an identity",
      sieveFiles: new Map(),
      issuer: new StubIssuer(),
    }),
  );
  return { outputs: JSON.parse(JSON.stringify(await value(pulumi.output(outputs)))) as object, resources };
}

test("a stack of another issuer", async () => {
  const { outputs, resources } = await declared();
  const types = resources.map(({ type }) => type);
  expect(types).toContain("test:index:StubCertificate");
  for (const type of ["LabCertificate", "CertificateAuthority", "ServerCertificate"]) {
    expect(types).not.toContain(`maildomain:index:${type}`);
  }
  // Its keys are published, whoever certifies them.
  expect(JSON.stringify(resources)).toContain(`TLSA 3 1 1 ${"cd".repeat(32)}`);

  const running = parseRunningStack(outputs);
  expect(running.caCertificate).toBeUndefined();
  expect(outputsSchema.parse(outputs).stages.servers[0]?.keys).toHaveProperty("key1");
});

test("no server hands out an authority", async () => {
  const { resources } = await declared();
  const [web, webmail] = ["web-server", "webmail"].map((server) => contentsOf(resources, server));
  const paths = Object.keys({ ...web, ...webmail });
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => /ca\.crt|authority\.pem/.test(path))).toEqual([]);
  const text = [web, webmail].flatMap((files) => Object.values(files ?? {})).join("\n");
  expect(text).not.toContain("com.apple.security.root");
  expect(text).not.toContain('href="/ca.crt"');
  expect(text).toContain("$config['maildomain_authority'] = null;");
  expect(text).toContain("intermediate of ");
});

test("verify trusts the authorities that Node knows, and clients are given none", async () => {
  const running = parseRunningStack((await declared()).outputs);
  expect(
    planChecks(running)
      .flat()
      .map(({ id }) => id),
  ).toEqual(expect.arrayContaining(["tls.imaps.imap.one.example", "tls.https.mail.one.example"]));
  const [domain] = running.domains;
  expect(domain && serviceOf(running, domain, "imaps")).toMatchObject({
    serverName: "imap.one.example",
    caCertificate: undefined,
  });

  const folder = mkdtempSync(join(tmpdir(), "maildomain-clients-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clients = running.domains[0]?.web?.clients;
  if (clients === undefined) expect.fail("the domain has no settings for clients");
  writeClientFiles(folder, clients, { address: "ana@one.example", name: "Ana" }, running.caCertificate);
  const files = readdirSync(folder);
  expect(files).toContain("msmtprc");
  expect(files).not.toContain("ca.pem");
  const written = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  expect(written).not.toMatch(/ca\.pem|com\.apple\.security\.root/);
  expect(closingText(running, "test")).not.toContain("Authority");
  expect(exampleCard(running, "test", {})).not.toContain("authority");
});
