import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { keptFile } from "./commands/test-times.ts";

/** Seconds by lab file, which `npm test -- --times` keeps. Only their order counts, so that any machine's will do. */
const times: Readonly<Record<string, number>> = JSON.parse(
  readFileSync(new URL(keptFile, import.meta.url), "utf8"),
);

/** One that has not been measured counts as one in the middle. */
const middle = Object.values(times).toSorted((a, b) => a - b)[Math.floor(Object.keys(times).length / 2)] ?? 0;

/** What takes longest starts first among its group: no long file is the last to end alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const secondsOf = ({ moduleId, project }: TestSpecification) =>
      times[relative(project.config.root, moduleId)] ?? middle;
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || secondsOf(b) - secondsOf(a));
  }
}

/** What makes a claim about time, or drives a desktop program by its windows. */
const alone = ["evolution", "thunderbird", "verify", "webmail"].map((name) => `test/lab/${name}.test.ts`);
const real = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  setupFiles: "test/lab/set-up.ts",
  // What comes about after a while has as long as a slow machine needs.
  expect: { poll: { timeout: 120_000, interval: 250 } },
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // Pure parts and components with Pulumi's mocks: no engine, no Docker. No limit here is a claim about speed.
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/lab/**"],
          testTimeout: 60_000,
          // By itself vitest leaves one processor alone, and what then has one worker and no group runs after everything else.
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
        },
      },
      // The real thing: the CLI, containers and mail over the wire, after the others. Each file has a stack, an address
      // and a network of its own, and mostly waits: two run side by side.
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          exclude: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          ...real,
        },
      },
      {
        test: {
          name: "lab-alone",
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          ...real,
        },
      },
    ],
  },
});
