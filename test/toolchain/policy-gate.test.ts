import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readJob } from "../kit/github/workflow.ts";

/** What a preview prints, and its exit status. */
const previews = {
  passed: ["Resources:\n    87 unchanged\n\nPolicies:\n    ✅ maildomain@v0.1.0 (local: policy)\n\n", 0],
  "a rule says no": [
    "Policies:\n    ❌ maildomain@v0.1.0 (local: policy)\n        - [mandatory]  no-plain-text-port\n          POP3 is open\n\n",
    255,
  ],
  "ran without the policies": ["a secret\nResources:\n    87 unchanged\n\n", 0],
  "ran with others alone": ["a secret\nPolicies:\n    ✅ house-rules@v1.0.0 (local: ../house)\n\n", 0],
  "cannot run the pack": ['a secret\nerror: policy pack "policy" failed to start: not supported\n', 255],
  "failed before": ["a secret\nerror: stacks/Pulumi.company.yaml has 1 problem\n", 255],
} as const;

describe.each(["review", "deploy"])("the policies in the workflow %s", (workflow) => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-gate-"));
    const npm = '#!/bin/sh\ncat "$PREVIEW"\nexit "$STATUS"\n';
    await writeFile(join(folder, "npm"), npm, { mode: 0o755 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs the step as GitHub does, with a preview that is made up. */
  async function gate([output, status]: readonly [string, number]) {
    const { steps } = readJob(workflow);
    const script = steps.find(({ name }) => name === "Policies")?.run ?? "exit 99";
    await Promise.all([
      writeFile(join(folder, "printed"), output),
      writeFile(join(folder, "step.sh"), script),
      writeFile(join(folder, "review.md"), ""),
    ]);
    const env = {
      PATH: [folder, process.env.PATH].join(delimiter),
      STACK: "company",
      PREVIEW: join(folder, "printed"),
      STATUS: String(status),
    };
    const ended = Promise.withResolvers<{ readonly status: number; readonly log: string }>();
    execFile("bash", ["-e", "step.sh"], { cwd: folder, env }, (error, log) =>
      ended.resolve({ status: error === null ? 0 : Number(error.code), log }),
    );
    const { status: exit, log } = await ended.promise;
    const comment = workflow === "review" ? await readFile(join(folder, "review.md"), "utf8") : log;
    expect(log + comment).not.toContain("secret\n");
    return { passed: exit === 0, says: comment };
  }

  test("passes where the pack ran and says nothing", async () => {
    expect(await gate(previews.passed)).toMatchObject({ passed: true });
  });

  test.each([
    ["a rule says no", "POP3 is open"],
    ["ran without the policies", "The preview ran without the policies"],
    ["ran with others alone", "The preview ran without the policies"],
    ["cannot run the pack", "docs/policy.md says which CLI runs the"],
    ["failed before", "The preview failed, and not by a rule."],
  ] as const)("is red where the preview %s", async (preview, said) => {
    expect(await gate(previews[preview])).toEqual({ passed: false, says: expect.stringContaining(said) });
  });
});

test("deploy asks the policies before `up` changes anything", () => {
  const names = readJob("deploy").steps.map(({ name }) => name);
  expect(names.indexOf("Policies")).toBeGreaterThanOrEqual(0);
  expect(names.indexOf("Policies")).toBeLessThan(names.indexOf("Deploy"));
});
