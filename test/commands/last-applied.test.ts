import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { forgetApplied, isAsApplied, madeFrom, rememberApplied } from "../../commands/last-applied.ts";

const stackFile = `config:
  maildomain:domains:
    - name: example.org
      mailboxes: [{ name: ana, password: one, appPasswords: [{ name: phone, password: two }] }, { name: bia }]
      web: { brand: { logo: logo.svg } }
`;
let project = "";
const file = (path: string) => join(project, path);

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "maildomain-project-"));
  for (const folder of ["images/mail-server", "stacks", "node_modules/zod", ".maildomain"]) {
    await mkdir(file(folder), { recursive: true });
  }
  const files = [
    "index.ts",
    "images/mail-server/prepare",
    "stacks/logo.svg",
    "node_modules/.package-lock.json",
  ];
  for (const path of files) await writeFile(file(path), "content");
});
afterAll(() => rm(project, { recursive: true }));

const made = (text = stackFile) => madeFrom(text, project);

describe("what an up is made from", () => {
  test.each([
    ["a password", (text: string) => text.replace("one", "another")],
    ["an app password", (text: string) => text.replace("two", "another")],
    ["an encrypted password", (text: string) => text.replace("one", "{ secure: v1:AAAA }")],
    ["a comment", (text: string) => `# For the whole family\n${text}`],
  ])("is the same with another %s", (_what, change) => {
    expect(made(change(stackFile))).toBe(made());
  });

  test.each([
    ["one mailbox more", (text: string) => text.replace("{ name: bia }", "{ name: bia }, { name: caio }")],
    [
      "a password where there was none",
      (text: string) => text.replace("{ name: bia }", "{ name: bia, password: x }"),
    ],
    ["another name", (text: string) => text.replace("name: ana", "name: anna")],
    ["another setting", (text: string) => text.replace("logo.svg", "other.svg")],
  ])("is another with %s", (_what, change) => {
    expect(made(change(stackFile))).not.toBe(made());
  });

  test.each(["index.ts", "images/mail-server/prepare", "stacks/logo.svg", "node_modules/.package-lock.json"])(
    "is another when %s changes, in content or in time alone",
    async (path) => {
      const before = made();
      await writeFile(file(path), "other content");
      const after = made();
      expect(after).not.toBe(before);
      await utimes(file(path), 1, 1);
      expect(made()).not.toBe(after);
    },
  );

  test("is another when a file comes, and the same for the state, the stack files and what packages are made of", async () => {
    const before = made();
    for (const path of [".maildomain/state.json", "stacks/Pulumi.lab.yaml", "node_modules/zod/index.js"]) {
      await writeFile(file(path), "new");
    }
    expect(made()).toBe(before);
    await writeFile(file("stacks/rules.sieve"), "keep;");
    expect(made()).not.toBe(before);
  });

  test("is another for another engine", () => {
    const before = made();
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:2375");
    expect(made()).not.toBe(before);
    vi.unstubAllEnvs();
    expect(made()).toBe(before);
  });

  test("is not known where the settings name a file elsewhere", () => {
    const naming = (path: string) => stackFile.replace("logo.svg", path);
    expect(made(naming("/etc/hostname"))).toBeUndefined();
    expect(made(naming("../.maildomain"))).toBeUndefined();
    expect(made(naming("../index.ts"))).toBeDefined();
    expect(made(naming("/no/such/file"))).toBeDefined();
  });
});

test("only what succeeded last is remembered, and only until somebody else has updated the stack", () => {
  const stack = "last-applied-test";
  const update = { startTime: 1, result: "succeeded" };
  expect(isAsApplied(stack, "digest", update)).toBe(false);
  rememberApplied(stack, "digest", update);
  expect(isAsApplied(stack, "digest", update)).toBe(true);
  expect(isAsApplied(stack, "another", update)).toBe(false);
  expect(isAsApplied(stack, "digest", { startTime: 2, result: "succeeded" })).toBe(false);
  expect(isAsApplied(stack, undefined, update)).toBe(false);
  forgetApplied(stack);
  expect(isAsApplied(stack, "digest", update)).toBe(false);
  for (const [made, last] of [
    [undefined, update],
    ["digest", undefined],
  ] as const) {
    rememberApplied(stack, made, last);
    expect(isAsApplied(stack, made, last)).toBe(false);
  }
});
