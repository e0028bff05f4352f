import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let npmrc: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-npm-"));
  npmrc = join(folder, "npmrc");
  writeFileSync(npmrc, "yes = true\n");
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What npm prints to a person whose own settings are those of {@link npmrc}. None of these calls does anything. */
function npm(words: string, environment: NodeJS.ProcessEnv = {}): string {
  const others = Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key));
  const { stderr } = spawnSync("npm", words.split(" "), {
    cwd: checkout,
    encoding: "utf8",
    env: { ...Object.fromEntries(others), npm_config_userconfig: npmrc, ...environment },
  });
  return stderr;
}

test.each([
  ["run preview --stack=people", "npm run preview -- --stack=people"],
  ["run down --stack people", "npm run down -- --stack people"],
  ["run down --stack", "npm run down -- --stack NAME"],
  ["run up --ask --stack=people", "npm run up -- --stack=people --ask"],
  ["run password --stack people ana@example.org", "npm run password -- --stack people ana@example.org"],
  ["run clients --qr --write out ana@example.org", "npm run clients -- --qr --write out ana@example.org"],
  ["run down --stak=people", "npm run down -- --stack=people"],
  ["run preview --ask-me --stacks=people", "npm run preview -- --stack=people"],
  ["run up --ak", "npm run up -- --ask"],
  ["test --project=unit", "npm test -- --project=unit"],
])("npm %s is refused, and nothing is done", (words, right) => {
  const printed = npm(words);
  expect(printed).toContain(`\n  ${right}\n`);
  expect(printed).toMatch(/npm took --.* for itself/);
});

test("what npm is set to do for every call is not an option of a command", () => {
  expect(npm("run archive -- --nonsense")).toContain("archive has no option --nonsense");
  expect(npm("run archive -- --nonsense", { NPM_CONFIG_JSON: "true" })).toContain("no option --nonsense");
  expect(npm("run archive --json -- --nonsense")).toContain("npm took --json for itself");
});
