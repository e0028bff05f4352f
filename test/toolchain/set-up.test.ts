import { expect, test } from "vitest";
import { Report } from "../../toolchain/report.ts";
import { setUp } from "../../toolchain/set-up.ts";
import type { Step } from "../../toolchain/step.ts";

test.each([
  ["nothing where all is ready", { tool: true, cache: true }, [], []],
  ["nothing of a cache alone", { tool: true, cache: false }, ["cache"], []],
  [
    "every step where something else is missing",
    { tool: false, cache: true },
    ["tool", "cache"],
    ["tool", "cache"],
  ],
])("a set-up says %s", async (_, ready, expectedMade, expectedLines) => {
  const made: string[] = [];
  const written: string[] = [];
  const step = (name: "tool" | "cache", isCache: boolean): Step => ({
    name,
    isCache,
    inspect: async () => ({ ready: ready[name], found: name }),
    ensure: async () => {
      made.push(name);
      return { ready: true, found: name };
    },
  });
  await setUp(
    [step("tool", false), step("cache", true)],
    new Report({ write: (text) => written.push(text) }),
  );
  expect(made).toEqual(expectedMade);
  expect(written.map((line) => line.replace(/^✔ (\w+) .*\n$/, "$1"))).toEqual(expectedLines);
});
