/** What a stack consists of, to the last resource: the same in a first preview as in the update that follows. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { record, resourceTree } from "../../components/recorder.ts";
import { declare, stacks } from "./stacks.ts";

test.each(Object.entries(stacks))("%s", async (name, settings) => {
  await record(() => declare(settings));
  const created = resourceTree();
  await expect(created).toMatchFileSnapshot(`golden/${name}.txt`);
  await record(() => declare(settings), true);
  expect(resourceTree()).toBe(created);
});

test("a stack's records are known without Pulumi, whose loading takes longer than all the rest", () => {
  const script = `
    await import("./stacks/program/live-zones.ts");
    const { createRequire } = await import("node:module");
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(loaded.filter((path) => path.includes("/@pulumi/")).length);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
});

test.each([
  [
    "an engine of its own, where the plugin's default builder would use this machine's",
    { dockerHost: "ssh://root@mx" },
    true,
  ],
  ["the environment's engine, where a change would build every image again", {}, undefined],
])("images are built on %s", async (_, setting, legacy) => {
  const { lab } = stacks;
  if (lab === undefined) throw new Error("There is no stack lab.");
  const [, resources] = await record(() => declare({ ...lab, ...setting }));
  const builds = resources
    .filter(({ type }) => type === "docker:index/remoteImage:RemoteImage")
    .map(({ inputs }) => inputs.build as { readonly useLegacyBuilder?: boolean });
  expect(builds.length).toBeGreaterThan(2);
  expect(new Set(builds.map(({ useLegacyBuilder }) => useLegacyBuilder))).toEqual(new Set([legacy]));
});
