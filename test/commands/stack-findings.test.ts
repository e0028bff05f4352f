import { createServer } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { fileFinding, stackFindings } from "../../commands/stack-findings.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { parseStackFile } from "../../stacks/reading/stack-file.ts";
import { stackFileProblems } from "../../stacks/reading/stack-file-problems.ts";
import { FakeDocker } from "../engine/fake-docker.ts";

let docker: FakeDocker;
beforeAll(async () => {
  docker = await FakeDocker.install();
  await docker.does("exit 0");
});
afterAll(() => docker.remove());

function settingsOf(more: string) {
  return parseStackFile("x", `config:\n  maildomain:address: 127.39.0.2\n${more}`).settings;
}
const ports =
  "  maildomain:ports: { dns: 41053, smtp: 41025, submission: 41587, submissions: 41465, imaps: 41993, pop3s: 41995, sieve: 41190, http: 41080, https: 41443 }\n";
const lab = `  maildomain:lab: true\n${ports}  maildomain:domains: [{ name: maildomain.invalid, mailboxes: [{ name: ana }] }]\n`;
const here = new DockerEngine();

test("the problems of the stack's file", () => {
  const problemsIn = (text: string) =>
    stackFileProblems("stacks/Pulumi.x.yaml", "x", `config:\n${text}`, () => new Uint8Array());
  expect(fileFinding("x", problemsIn(lab))).toMatchObject({ ready: true });
  expect(fileFinding("x", problemsIn(`${lab}  maildomain:legacyPort: true\n`))).toEqual({
    name: "stack file",
    ready: false,
    found: "stacks/Pulumi.x.yaml: 1 problem",
    note: 'maildomain:legacyPort: unknown key: did you mean "legacyPorts"? (line 5, column 26)',
  });
});

test("ports that another program has, with the setting; names that are not known here", async () => {
  const settings = settingsOf(lab);
  expect(await stackFindings("x", settings, here)).toEqual([
    { name: "ports", ready: true, found: "ports: none of the stack's 9 is in use by others" },
    {
      name: "names",
      ready: true,
      found: "names: mail.maildomain.invalid does not resolve on this machine",
      note: "Once the stack is up: npm run names -- --apply --stack x",
    },
  ]);
  const other = createServer().listen(41_993, "127.39.0.2");
  await new Promise((resolve) => other.once("listening", resolve));
  onTestFinished(() => void other.close());
  const [taken] = await stackFindings("x", settings, here);
  expect(taken).toMatchObject({ ready: false, found: "ports: 1 of the stack's 9 are in use" });
  expect(taken?.note).toContain("set ports.imaps to a free port");
});

test("of a stack at Cloudflare on another machine: its plugin, and no ports or names", async () => {
  const settings = settingsOf(
    `  maildomain:publicAddresses: { ipv4: 192.0.2.25 }\n  maildomain:domains: [{ name: example.org, dns: cloudflare, cloudflareZone: "${"0".repeat(32)}", mailboxes: [{ name: ana }] }]\n`,
  );
  const findings = await stackFindings("x", settings, new DockerEngine("ssh://root@mx.example.org"));
  expect(findings.map(({ name }) => name)).toEqual(["ports", "Cloudflare plugin"]);
  expect(findings[0]?.found).toBe("ports: not tried, since ssh://root@mx.example.org is another machine");
});
