import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pulumiCli, pulumiFolder } from "../../toolchain/pulumi-cli.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "maildomain-pulumi-"));
  vi.stubEnv("PULUMI_HOME", home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

async function install(...programs: readonly string[]): Promise<void> {
  await mkdir(pulumiFolder(), { recursive: true });
  for (const name of programs) await writeFile(join(pulumiFolder(), name), "#!/bin/sh\n", { mode: 0o755 });
}

test("a CLI that was built is ready, and said to run no policy packs", async () => {
  await install("pulumi", "pulumi-language-nodejs");
  expect(await pulumiCli.inspect()).toMatchObject({
    ready: true,
    note: expect.stringContaining("runs no policy packs: docs/policy.md"),
  });
});

test("of one that was downloaded nothing is said", async () => {
  await install("pulumi", "pulumi-language-nodejs", "pulumi-watch");
  expect((await pulumiCli.inspect()).note).toBeUndefined();
});
