import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { languageHostFolder } from "../../toolchain/environment.ts";
import { projectFolder } from "../../toolchain/versions.ts";

const folder = mkdtempSync(join(tmpdir(), "maildomain-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const probe = join(folder, "probe.cjs");
writeFileSync(
  probe,
  `const { prepareStackTrace } = Error;
  process.on("exit", () => {
    require(require("node:path").resolve(process.argv[1], "../tracing.js")).newSpan("a step").end();
    const traces = Object.keys(require.cache).some((file) => file.includes("@opentelemetry/sdk-trace"));
    process.stdout.write(JSON.stringify([process.env.PULUMI_NODEJS_TYPESCRIPT, Error.prepareStackTrace !== prepareStackTrace, traces]));
  });`,
);

/** As a language host starts a program that knows no `typescript: false`; without an engine the SDK only says so. */
function start(pwd: string, program: string, words: readonly string[] = []): unknown {
  const run = join(projectFolder, "node_modules/@pulumi/pulumi/cmd/run/index.js");
  const { stdout } = spawnSync(join(languageHostFolder, "node"), [run, ...words, "--pwd", pwd, program], {
    env: { ...process.env, PULUMI_NODEJS_TYPESCRIPT: "true", NODE_OPTIONS: `--require ${probe}` },
    encoding: "utf8",
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf("[")));
}

test("this project's program runs without TypeScript, source maps and traces, any other one as the SDK runs it", () => {
  const lean = ["false", false, false];
  expect(start(projectFolder, "index.ts")).toEqual(lean);
  expect(start("/", join(projectFolder, "index.ts"))).toEqual(lean);
  const whole = ["true", true, true];
  expect(start(folder, "index.ts")).toEqual(whole);
  expect(start(projectFolder, "examples/company/index.ts")).toEqual(whole);
});

test("where somebody wants traces, they are written", () => {
  expect(start(projectFolder, "index.ts", ["--tracing", "http://127.0.0.1:9"])).toEqual([
    "false",
    false,
    true,
  ]);
});
