import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { actionlintProgram } from "../../toolchain/actionlint.ts";

const run = promisify(execFile);
const program = actionlintProgram();
const folder = fileURLToPath(new URL("../../.github/workflows", import.meta.url));
const workflows = readdirSync(folder).map((name) => join(folder, name));

/** What actionlint says; shellcheck would read the scripts as well, where a machine has it. */
const complaints = (...files: string[]) =>
  run(program, ["-no-color", "-oneline", ...files]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );

describe.skipIf(!existsSync(program))(
  "the workflows (skipped without actionlint, which Go or its proxy lacks)",
  () => {
    test("actionlint finds nothing to complain of", async () => {
      expect(await complaints(...workflows)).toBe("");
    });

    test("and would: a context that there is not, a key that is none", async () => {
      const made = await mkdtemp(join(tmpdir(), "workflow-"));
      try {
        const text = await readFile(workflows[0] ?? "", "utf8");
        const broken = join(made, "broken.yml");
        await writeFile(
          broken,
          text.replace("vars.MAILDOMAIN_STACK }}", "stack.name }}").replace("timeout-", "time-out-"),
        );
        const found = await complaints(broken);
        expect(found).toContain('undefined variable "stack"');
        expect(found).toContain('unexpected key "time-out-minutes"');
      } finally {
        await rm(made, { recursive: true });
      }
    });
  },
);
