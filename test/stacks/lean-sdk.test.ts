import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../..", import.meta.url));

/** In a process of its own, as the language host starts the program: Vitest has loaded the SDK already. */
function run(program: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const lean = `import "./stacks/lean-sdk.ts"; import * as pulumi from "@pulumi/pulumi"; import { createRequire } from "node:module";
    const require = createRequire("${folder}index.ts");`;
  const args = ["--input-type=module", "--eval", `${lean}\nprocess.stdout.write(JSON.stringify(${program}))`];
  return JSON.parse(
    execFileSync(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
}

test("the program loads neither npm's installer nor TypeScript nor the Automation API", () => {
  const unused = /node_modules\/(?:@npmcli|typescript)\/|pulumi\/(?:automation|dynamic|provider)\/(?!index)/;
  expect(run(`Object.keys(require.cache).filter((file) => ${unused}.test(file))`)).toEqual([]);
});

test("what is loaded later is all there", () => {
  expect(
    run(`[
      typeof pulumi.automation.LocalWorkspace.create,
      typeof pulumi.dynamic.Resource,
      typeof pulumi.provider.main,
      (await pulumi.runtime.serializeFunction(() => 42)).text.includes("42"),
    ]`),
  ).toEqual(["function", "function", "function", true]);
});

test("a promise that is never settled is still found, with its stack where it is looked for", () => {
  const leak = `await (async () => {
    const { debuggablePromise, leakedPromises } = require("@pulumi/pulumi/runtime/debuggable.js");
    const promise = new Promise(() => {});
    debuggablePromise(promise, "a context");
    const [leaks] = leakedPromises();
    return [leaks.size, / at /.test(promise._debugStackTrace), Error.stackTraceLimit];
  })()`;
  expect(run(leak)).toEqual([1, false, 10]);
  expect(run(leak, { PULUMI_DEBUG_PROMISE_LEAKS: "1" })).toEqual([1, true, 10]);
});

test("a promise that is settled is not reported, and keeps its value or error", () => {
  const settled = `await (async () => {
    const { debuggablePromise, leakedPromises } = require("@pulumi/pulumi/runtime/debuggable.js");
    const good = await debuggablePromise(Promise.resolve("good"));
    const bad = await debuggablePromise(Promise.reject(new Error("bad"))).catch((error) => error.message);
    return [good, bad, leakedPromises()[0].size];
  })()`;
  expect(run(settled)).toEqual(["good", "bad", 0]);
});

test("no resource carries the way through the program to it", () => {
  const stack = `pulumi.Resource.stackTrace(0).length > 0`;
  expect(run(stack)).toBe(false);
  expect(run(stack, { PULUMI_DEBUG_PROMISE_LEAKS: "1" })).toBe(true);
});
