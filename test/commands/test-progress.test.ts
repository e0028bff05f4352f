import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { projectFolder } from "../../toolchain/versions.ts";

/**
 * Runs vitest on one file.
 *
 * @param stuckMs - after so long at one thing, its process is ended
 * @param act - called with all that it has printed, at each piece
 */
async function runTests(
  source: string,
  stuckMs = 60_000,
  act?: (text: string, end: () => void) => void,
): Promise<string> {
  const kept = join(projectFolder, ".maildomain");
  mkdirSync(kept, { recursive: true });
  // Inside of the project, whose packages it needs.
  const folder = mkdtempSync(join(kept, "test-progress-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const [patience, progress] = ["test/kit/patience.ts", "commands/test-progress.ts"].map((name) =>
    JSON.stringify(join(projectFolder, name)),
  );
  file(
    "set-up.ts",
    `import { workerTitle } from ${progress};
     import { limitPatience } from ${patience};
     process.title = workerTitle("one.test.ts");
     limitPatience(100);`,
  );
  file(
    "vitest.config.ts",
    `import Progress from ${progress};
     export default { test: { setupFiles: "set-up.ts", reporters: [new Progress({ stuckMs: ${stuckMs} })] } };`,
  );
  file("one.test.ts", `import { beforeAll, describe, expect, test } from "vitest";\n${source}`);
  const args = ["run", "--root", folder];
  const child = spawn(process.execPath, [join(projectFolder, "node_modules/vitest/vitest.mjs"), ...args]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      act?.(output, () => child.kill("SIGTERM"));
    });
  }
  await once(child, "close");
  return output;
}

test("what fails before the tests of a group is named at once", async () => {
  const output = await runTests(`
    describe("a group", () => {
      beforeAll(() => Promise.reject(new Error("no server")));
      test("is good", () => {});
    });
  `);
  expect(output).toMatch(/^✘ one\.test\.ts > a group, before or after its tests: no server$/m);
});

test("a test that fails is named at once, and what would wait as long as those before it is not run", async () => {
  const output = await runTests(`
    test("waits", async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(1).toBe(2);
    });
    test("is good", () => {});
  `);
  const named = output.split("\n").filter((line) => line.startsWith("✘"));
  expect(named).toEqual([
    "✘ one.test.ts > waits: expected 1 to be 2 // Object.is equality",
    expect.stringMatching(
      /^✘ one\.test\.ts > is good: Not run: the tests of this file that failed before it/,
    ),
  ]);
});

test("a run that is ended from outside says what it was at", async () => {
  const source = `
    test("fails", () => expect(1).toBe(2));
    test("never ends", () => new Promise(() => {}));
  `;
  const output = await runTests(source, undefined, (text, end) => {
    if (text.includes("✘ one.test.ts > fails")) end();
  });
  expect(output).toMatch(/^one\.test\.ts has been at this for \d+ s: .*(?:never ends|fails)$/m);
});

test("a process that is stuck is ended, and its file is named", async () => {
  const output = await runTests(`test("loops", () => { for (;;); });`, 2_000);
  expect(output).toMatch(
    /^✘ its process is stuck, and has been ended: one\.test\.ts has been at this for \d+ s: /m,
  );
});
