import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      // Pure parts and components with Pulumi's mocks: no engine, no Docker. No limit here is a claim about speed.
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/lab/**"],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      // The real thing: the CLI, containers and mail over the wire. One at a time and after the others, since what they
      // measure is the machine's.
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // What comes about after a while has as long as a slow machine needs.
          expect: { poll: { timeout: 60_000, interval: 250 } },
        },
      },
    ],
  },
});
