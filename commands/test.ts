import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actionlint } from "../toolchain/actionlint.ts";
import { certificateAgentForTests } from "../toolchain/certificate-agent.ts";
import { pulumiVariables } from "../toolchain/environment.ts";
import { runInForeground } from "../toolchain/foreground.mjs";
import { judges } from "../toolchain/judges.ts";
import { languageTools } from "../toolchain/language-tools.ts";
import { pebble } from "../toolchain/pebble.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { allSteps } from "../toolchain/steps.ts";
import { testTools } from "../toolchain/test-tools.ts";
import { projectFolder } from "../toolchain/versions.ts";
import type { Command } from "./command.ts";
import { formatTimes, keepTimes, type TestTimes, timesVariable } from "./test-times.ts";

/** Set where tests are to write the pictures of the documentation. */
export const picturesVariable = "MAILDOMAIN_PICTURES";

/** Runs every test, the real ones included, and ends with the time of each file and one line of counts. */
export const command: Command = {
  usage: "[--project NAME] [--pictures] [--times] [FILE…] [-- OPTIONS OF vitest]",
  options: {
    project: { type: "string", value: "NAME", description: "only unit (needs nothing), or only lab" },
    pictures: { type: "boolean", description: "write docs/'s pictures; without FILE, run what makes them" },
    times: { type: "boolean", description: "keep the time of each lab file, by which runs are ordered" },
  },
  takes: { positionals: true, rest: true },
  setUp: ({ values }) =>
    values.project === "unit"
      ? []
      : [...allSteps, testTools, judges, actionlint, pebble, certificateAgentForTests(), languageTools],

  async run({ values, positionals, rest }) {
    const folder = mkdtempSync(join(tmpdir(), "maildomain-test-"));
    try {
      const resultFile = join(folder, "result.json");
      // `lab` is two projects: what runs side by side, and what runs alone.
      const project = typeof values.project === "string" ? ["--project", `${values.project}*`] : [];
      const makesPictures = values.pictures === true;
      const files = makesPictures && positionals.length === 0 ? testsWithPictures() : positionals;
      const timesFile = join(folder, "times.json");
      const reporters = [
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${resultFile}`,
        ...["test-times.ts", "test-progress.ts"].map(
          (name) => `--reporter=${join(projectFolder, "commands", name)}`,
        ),
      ];
      const status = await runInForeground(
        process.execPath,
        [
          join(projectFolder, "node_modules/vitest/vitest.mjs"),
          "run",
          ...reporters,
          ...project,
          ...files,
          ...rest,
        ],
        {
          cwd: projectFolder,
          env: {
            ...process.env,
            PATH: pulumiVariables().PATH,
            [timesVariable]: timesFile,
            ...(makesPictures ? { [picturesVariable]: "1" } : {}),
          },
        },
      );
      const result = readResult<TestResult>(resultFile);
      const times = readResult<TestTimes>(timesFile);
      print(`\nTime of each file:\n${formatTimes(times)}`);
      if (values.times === true) keepTimes(times, projectFolder);
      // Whoever picks tests by their names knows that all others are not run.
      const isPicked = rest.some((word) => /^(-t|--testNamePattern)(=|$)/.test(word));
      for (const name of isPicked ? [] : skippedTests(result)) print(`skipped: ${name}\n`);
      const counts = countResults(result);
      print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
      return status === 0 && counts.failed > 0 ? 1 : status;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** @internal The files of tests that make pictures. */
export function testsWithPictures(): string[] {
  const files = globSync("test/lab/*.test.ts", { cwd: projectFolder }).toSorted();
  return files.filter((file) => readFileSync(join(projectFolder, file), "utf8").includes("keepPicture("));
}

/** The part of vitest's JSON report (Jest's format) that is read here. */
export interface TestResult {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName?: string }[];
  }[];
}

function readResult<Result>(file: string): Result {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Result;
  } catch {
    throw new ToolchainError("vitest ended without a result: see its output above.");
  }
}

/** @internal The names of what was not run, so that nobody counts it as passed; a name holds the reason. */
export function skippedTests({ testResults }: TestResult): string[] {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== "passed" && status !== "failed")
    .map(({ fullName = "" }) => fullName.trim());
}

/** @internal A file that fails outside its tests (an import, a hook) counts as one more failure. */
export function countResults({ testResults }: TestResult): {
  passed: number;
  failed: number;
  skipped: number;
} {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of testResults) {
    let failedHere = 0;
    for (const test of assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") failedHere += 1;
      else counts.skipped += 1;
    }
    counts.failed += status === "failed" ? Math.max(1, failedHere) : failedHere;
  }
  return counts;
}
