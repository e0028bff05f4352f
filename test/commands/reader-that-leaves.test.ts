import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../toolchain/child-process.ts";
import { versions } from "../../toolchain/versions.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-reader-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

test("a reader that has seen enough (`preview | head`) does not end the CLI, whose plugins would stay", async () => {
  const programs = join(folder, "versions", versions.pulumi, "bin");
  mkdirSync(programs, { recursive: true });
  const ended = join(folder, "ended");
  writeFileSync(
    join(programs, "pulumi"),
    `#!/bin/sh\nfor _ in $(seq 1 5000); do echo "+ a resource of a long preview"; done\ntouch ${ended}\n`,
  );
  chmodSync(join(programs, "pulumi"), 0o755);
  const call = `import { pulumi } from "${checkout}commands/pulumi.ts"; process.exitCode = await pulumi("lab", ["preview"]);`;
  const { stdout, output } = await run(
    "sh",
    ["-c", `'${process.execPath}' --input-type=module --eval '${call}' | head -1`],
    { env: { ...process.env, PULUMI_HOME: folder, PULUMI_BACKEND_URL: `file://${folder}` } },
  );
  expect(stdout).toBe("+ a resource of a long preview\n");
  expect(output).not.toContain("EPIPE");
  expect(existsSync(ended)).toBe(true);
});

test("the provider ends with a CLI that is killed", async () => {
  const cli = spawn("sh", ["-c", `'${process.execPath}' '${checkout}provider/main.ts' & echo $!; wait`]);
  // Its process, then the port on which it serves.
  const [provider] = await new Promise<number[]>((resolve) => {
    let printed = "";
    cli.stdout.on("data", (text) => {
      printed += text;
      if (/^\d+\n\d+\n/.test(printed)) resolve(printed.trim().split("\n").map(Number));
    });
  });
  const isThere = () => {
    try {
      return process.kill(Number(provider), 0);
    } catch {
      return false;
    }
  };
  expect(isThere()).toBe(true);
  cli.kill("SIGKILL");
  await expect.poll(isThere, { timeout: 50_000 }).toBe(false);
});
