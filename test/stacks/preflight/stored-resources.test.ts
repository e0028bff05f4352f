import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { placeInState, storedResources } from "../../../stacks/preflight/stored-resources.ts";

const stack = { project: "maildomain", stack: "lab" };
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-test-"));
  file = `${placeInState(folder, "stacks", stack)}.json`;
  mkdirSync(dirname(file), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (backend: string | undefined = pathToFileURL(folder).href) => storedResources(stack, backend);

test("a state in local files has what the engine would hand on", () => {
  const volume = { urn: "urn:1", type: "docker:index/volume:Volume", outputs: { id: "a", labels: [] } };
  const replaced = { ...volume, outputs: { id: "b" }, delete: true };
  const component = { urn: "urn:2", type: "maildomain:index:Webmail" };
  const resources = [{ ...volume, id: "a", custom: true, inputs: { name: "a" } }, replaced, component];
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack: "x", latest: { resources } } }));
  expect(read()).toEqual([
    { ...volume, id: "a" },
    { ...component, outputs: undefined, id: undefined },
  ]);
  expect(read(`${pathToFileURL(folder).href}?no_tmp_dir=true`)).toHaveLength(2);
});

test("a stack without resources has none", () => {
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack: "x" } }));
  expect(read()).toEqual([]);
});

test.each([
  ["elsewhere", () => "s3://states"],
  ["where the CLI says", () => ""],
  ["relative to a folder that only the CLI knows", () => "file://./state"],
  ["the user's, at a place that only the CLI knows", () => "file://~"],
])("of a state %s the engine is asked", (_, backend) => {
  expect(read(backend())).toBeUndefined();
});

test.each<[string, () => void]>([
  ["missing", () => {}],
  ["cut off", () => writeFileSync(file, '{"version": 3, "check')],
  ["something else", () => writeFileSync(file, "[]")],
  [
    "compressed by now",
    () => {
      writeFileSync(file, JSON.stringify({ version: 3, checkpoint: {} }));
      writeFileSync(`${file}.gz`, "");
    },
  ],
])("of a state file that is %s the engine is asked", (_, write) => {
  write();
  expect(read()).toBeUndefined();
});
