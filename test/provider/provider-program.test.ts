import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isProviderFound } from "../../provider/provider-program.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-program-"));
  for (const path of ["bin", "home/plugins", "project/src"])
    mkdirSync(join(folder, path), { recursive: true });
  project("name: maildomain\nruntime: nodejs\nplugins:\n  languages: []\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const project = (text: string) => writeFileSync(join(folder, "project/Pulumi.yaml"), text);
const isFound = (env: NodeJS.ProcessEnv = {}) =>
  isProviderFound(
    { PATH: join(folder, "bin"), PULUMI_HOME: join(folder, "home"), ...env },
    join(folder, "project/src"),
  );

test.each<[string, () => unknown, NodeJS.ProcessEnv?]>([
  ["on the PATH", () => writeFileSync(join(folder, "bin/pulumi-resource-maildomain"), "")],
  ["among the plugins", () => mkdirSync(join(folder, "home/plugins/resource-maildomain-v0.1.0"))],
  ["by the project", () => project("plugins:\n  providers:\n    - name: maildomain\n      path: x\n")],
  ["as a package of the project", () => project("packages:\n  maildomain: ../x\n")],
  ["where somebody debugs it", () => {}, { PULUMI_DEBUG_PROVIDERS: "docker:1,maildomain:2" }],
])("the provider is found %s, and nowhere before", (_, place, env) => {
  expect(isFound()).toBe(false);
  place();
  expect(isFound(env)).toBe(true);
});
