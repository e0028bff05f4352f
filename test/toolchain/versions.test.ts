import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { requiredVersion } from "../../toolchain/go.ts";
import { readVersions, versions } from "../../toolchain/versions.ts";

const packageFile = (content: object): string => {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-versions-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "package.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const pinned = {
  dependencies: { "@pulumi/docker": "5.2.0", "@pulumi/cloudflare": "6.22.0" },
  devDependencies: { node: "24.21.0", pulumi: "3.259.0" },
};

test("versions come from package.json", () => {
  const { pluginOf, ...fixed } = readVersions(packageFile(pinned), {});
  expect(fixed).toEqual({ node: "24.21.0", pulumi: "3.259.0", dockerPlugin: "5.2.0" });
  expect(pluginOf("@pulumi/cloudflare")).toBe("6.22.0");
  expect(() => pluginOf("@pulumi/aws")).toThrow("@pulumi/aws must be pinned to an exact version");
});

test("PULUMI_VERSION counts, as for the npm package pulumi", () => {
  expect(readVersions(packageFile(pinned), { PULUMI_VERSION: "3.260.0" }).pulumi).toBe("3.260.0");
});

test.each(["^3.259.0", "latest", ""])("%j is not an exact version", (version) => {
  const file = packageFile({ ...pinned, devDependencies: { node: "24.21.0", pulumi: version } });
  expect(() => readVersions(file, {})).toThrow("pulumi must be pinned to an exact version");
});

test("the Go module builds the version that package.json pins", () => {
  const { PULUMI_VERSION: _, ...env } = process.env;
  const { pulumi } = readVersions(new URL("../../package.json", import.meta.url).pathname, env);
  expect(requiredVersion("toolchain/go/pulumi-cli", "github.com/pulumi/pulumi/pkg/v3")).toBe(pulumi);
  expect(versions.dockerPlugin).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each([
  ["pulumi-cli", "go", /^1\.\d+\.\d+$/],
  ["pulumi-language-nodejs", "github.com/pulumi/pulumi/sdk/v3", /^3\.68\.0$/],
  ["docker-plugin", "github.com/pulumi/pulumi-terraform-bridge/v3", /^3\.\d+\.\d+$/],
])("go.mod of %s requires %s", (module, path, version) => {
  expect(requiredVersion(`toolchain/go/${module}`, path)).toMatch(version);
});

test("a path that go.mod does not require", () => {
  expect(() => requiredVersion("toolchain/go/pulumi-cli", "example.org/nothing")).toThrow("does not require");
});
