import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { differingPackages, inspectDependencies } from "../../toolchain/npm-dependencies.mjs";

const a = { version: "1.0.0", integrity: "sha512-a" };
const wanted = { "": {}, "node_modules/a": a, "node_modules/mac": { version: "2.0.0", optional: true } };

test.each([
  ["all there", { "node_modules/a": a }, []],
  ["nothing there", {}, ["node_modules/a"]],
  ["another version", { "node_modules/a": { ...a, version: "1.0.1" } }, ["node_modules/a"]],
  ["other content", { "node_modules/a": { ...a, integrity: "sha512-b" } }, ["node_modules/a"]],
  [
    "another version of an optional one",
    { "node_modules/a": a, "node_modules/mac": { version: "1.9.0" } },
    ["node_modules/mac"],
  ],
  ["one more than wanted", { "node_modules/a": a, "node_modules/b": a }, []],
])("%s", (_, installed, differing) => {
  expect(differingPackages(wanted, installed)).toEqual(differing);
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-npm-"));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: wanted }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a checkout without node_modules, and an installation that was interrupted", () => {
  expect(inspectDependencies(folder)).toEqual({ packages: 2, differing: ["node_modules/a"] });
  mkdirSync(join(folder, "node_modules/a"), { recursive: true });
  expect(inspectDependencies(folder).differing).toEqual(["node_modules/a"]);
});

test("an installation that is complete", () => {
  mkdirSync(join(folder, "node_modules"));
  const file = join(folder, "node_modules/.package-lock.json");
  writeFileSync(file, JSON.stringify({ packages: { "node_modules/a": a } }));
  expect(inspectDependencies(folder).differing).toEqual([]);
});
