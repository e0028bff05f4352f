import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      // Pure parts and components with Pulumi's mocks: no engine, no Docker.
      { test: { name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/lab/**"] } },
      // The real thing: the CLI, containers and mail over the wire. One at a time, they share one machine.
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
