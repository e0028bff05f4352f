import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What would be the last to end if it did not start first among its group. */
const longest = ["interruption", "catalogue", "stages", "mail-server-image"].map(
  (name) => `/test/lab/${name}.test.ts`,
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = longest.findIndex((file) => moduleId.endsWith(file));
      return index < 0 ? longest.length : index;
    };
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}

/** What makes a claim about time, or drives a desktop program by its windows. */
const alone = ["evolution", "thunderbird", "verify", "webmail"].map((name) => `test/lab/${name}.test.ts`);
const real = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
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
