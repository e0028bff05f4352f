import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { afterAll, expect, test } from "vitest";
import type compiledProgram from "../../toolchain/language-host/compiled-program.cjs";
import { projectFolder } from "../../toolchain/versions.ts";

const folder = mkdtempSync(join(tmpdir(), "maildomain-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of what the program is made of, whose sources nobody else reads. */
const copy = join(folder, "checkout");
const left = ["node_modules", ".git", ".maildomain", "docs", "test"];
const sdk = join(copy, "node_modules/@pulumi/pulumi/cmd/run/index.js");

function copyProject(): void {
  const filter = (file: string) =>
    !left.includes(relative(projectFolder, file).split(sep)[0] ?? "") &&
    (statSync(file, { throwIfNoEntry: false })?.isDirectory() || /\.(?:ts|[cm]js|json)$/.test(file));
  cpSync(projectFolder, copy, { recursive: true, filter });
  symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
  writeFileSync(
    join(folder, "probe.cjs"),
    `process.on("exit", () => {
      const ofSdk = Object.keys(require.cache).filter((file) => /@pulumi\\/pulumi\\//.test(file)).sort();
      process.stdout.write(JSON.stringify([process.argv.at(-1), ofSdk]));
    });`,
  );
}

/** What the language host's Node runs, and the modules of the SDK that this loads. */
function loaded(): readonly [program: string, ofSdk: readonly string[]] {
  const files = [
    join(folder, "probe.cjs"),
    ...["program.cjs", "warm-up.cjs"].map((name) => inLanguageHost(name)),
  ];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...files.flatMap((file) => ["--require", file]), sdk, "--pwd", copy, "index.ts"],
    { encoding: "utf8" },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

function languageHost(place: string): string {
  return join(place, "toolchain/language-host");
}

function inLanguageHost(name: string): string {
  return join(languageHost(copy), name);
}

function compiledProgramOf(place: string): typeof compiledProgram {
  return createRequire(import.meta.url)(join(languageHost(place), "compiled-program.cjs"));
}

function isCurrent(place: string): boolean {
  return compiledProgramOf(place).isCurrent();
}

function refresh(): void {
  const code = `(await import(${JSON.stringify(join(copy, "toolchain/compiled-program.ts"))})).refreshCompiledProgram()`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", `await ${code}`], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

// It starts seven processes, one after the other.
const timeout = 600_000;

test("the compiled program loads the same of the SDK, and runs until a source changes", { timeout }, () => {
  copyProject();
  const [sources, ofSdk] = loaded();
  expect(sources).toBe("index.ts");
  expect(ofSdk.length).toBeGreaterThan(20);
  refresh();
  const compiled = inLanguageHost("compiled-program.mjs");
  expect(loaded()).toEqual([compiled, ofSdk]);
  const source = join(copy, "stacks/program/program.ts");
  appendFileSync(source, "\n");
  expect(loaded()).toEqual(["index.ts", ofSdk]);
  refresh();
  expect(loaded()[0]).toBe(compiled);
  // What somebody adds to the program itself is run, and what one file cannot stand for is run from its source.
  const entry = join(copy, "index.ts");
  appendFileSync(entry, `process.env.ADDED = "of index.ts";\n`);
  expect(loaded()[0]).toBe("index.ts");
  refresh();
  expect(loaded()[0]).toBe(compiled);
  expect(readFileSync(compiledProgramOf(copy).program, "utf8")).toContain("of index.ts");
  appendFileSync(entry, "export const more = 1;\n");
  refresh();
  expect(loaded()[0]).toBe("index.ts");
  // What cannot be compiled stays as it was, and its sources run.
  writeFileSync(source, "export const = 1;");
  refresh();
  expect(isCurrent(copy)).toBe(false);
});

test("it is current as long as each source has its size and its time of change", () => {
  const place = join(folder, "other");
  cpSync(join(projectFolder, "toolchain/language-host"), languageHost(place), { recursive: true });
  const { folder: made, program, list, sourceOf } = compiledProgramOf(place);
  expect(isCurrent(place)).toBe(false);
  mkdirSync(made, { recursive: true });
  const source = join(place, "source.ts");
  for (const file of [program, source]) writeFileSync(file, "1");
  const sources = [program, source].map(sourceOf);
  const current = (written: unknown = sources) => {
    writeFileSync(list, JSON.stringify(written));
    return isCurrent(place);
  };
  expect(current()).toBe(true);
  utimesSync(source, 1, 1);
  expect(current()).toBe(false);
  expect(current([program, source].map(sourceOf))).toBe(true);
  writeFileSync(source, "12");
  utimesSync(source, 1, 1);
  expect(current()).toBe(false);
  rmSync(source);
  expect(current()).toBe(false);
  // A copy of all this elsewhere, and a list that another version wrote.
  expect(current([{ ...sourceOf(program), path: join(folder, "elsewhere.cjs") }])).toBe(false);
  expect(current([])).toBe(false);
  expect(current({})).toBe(false);
});
