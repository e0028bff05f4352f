/** What a stack consists of, to the last resource: the same in a first preview as in the update that follows. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { declareStack } from "../../../stacks/program/program.ts";
import { parseStackFile } from "../../../stacks/reading/stack-file.ts";
import { type StackSettings, stackSchema } from "../../../stacks/schema/config.ts";
import { record, resourceTree } from "../../components/recorder.ts";

function settingsOf(name: string): StackSettings {
  const file = `stacks/Pulumi.${name}.yaml`;
  return parseStackFile(file, readFileSync(file, "utf8")).settings;
}

const mailboxes = [{ name: "ana" }];
const [one, two] = ["one.example", "two.example"].map((name) => ({ name, mailboxes }));

const stacks: Readonly<Record<string, StackSettings>> = {
  lab: settingsOf("lab"),
  company: settingsOf("production"),
  "two-servers": stackSchema.parse({
    dockerHost: "ssh://root@mx.one.example",
    address: "0.0.0.0",
    publicAddresses: { ipv4: "192.0.2.25" },
    web: { enabled: true, webmail: true },
    domains: [one, two],
    servers: [{ hostName: "mx.two.example", domains: ["two.example"], address: "192.0.2.26" }],
  }),
  "no-web": stackSchema.parse({ lab: true, web: { enabled: false }, domains: [one] }),
};

test.each(Object.entries(stacks))("%s", async (name, settings) => {
  const declare = () => declareStack(settings, { name: "test", sieveFiles: new Map() });
  await record(declare);
  const created = resourceTree();
  await expect(created).toMatchFileSnapshot(`golden/${name}.txt`);
  await record(declare, true);
  expect(resourceTree()).toBe(created);
});

test("a stack's records are known without Pulumi, whose loading takes longer than all the rest", () => {
  const script = `
    await import("./stacks/program/cloudflare-zones.ts");
    const { createRequire } = await import("node:module");
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(loaded.filter((path) => path.includes("/@pulumi/")).length);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
});
