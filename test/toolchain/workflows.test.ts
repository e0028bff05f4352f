import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
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

    test("and would: a context that does not exist, an unknown key", async () => {
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

const project = fileURLToPath(new URL("../..", import.meta.url));

/** A module and all of the project's own that it imports. */
function modulesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/(?:from|import\(?) ?"(\.[^"]+)"/g))
    modulesOf(resolve(file, "..", name), found);
  return found;
}

test("a change of anything that `up` and a review read is reviewed", () => {
  const programs = [
    ...["index.ts", "provider/main.ts", "policy/index.mjs"],
    ...["toolchain/run.mjs", "commands/up.ts", "commands/review.ts"],
  ];
  const places = [...programs.flatMap((name) => [...modulesOf(join(project, name))])].map((file) => {
    const [place = "", ...inside] = relative(project, file).split("/");
    return inside.length === 0 ? place : `${place}/**`;
  });
  const others = ["images/**", "Pulumi.yaml", "package.json", "package-lock.json"];
  const { on } = parse(readFileSync(join(folder, "review.yml"), "utf8")) as {
    on: { pull_request: { paths: string[] } };
  };
  expect(new Set(on.pull_request.paths)).toEqual(
    new Set([...places, ...others, ".github/workflows/review.yml"]),
  );
});
