import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Command, stackOption, UsageError } from "../../commands/command.ts";
import { parseCall } from "../../commands/command-line.ts";
import { shellQuote } from "../../commands/env.ts";
import { findPassword } from "../../commands/password.ts";
import { countResults, skippedTests } from "../../commands/test.ts";
import { formatTimes, keepTimes } from "../../commands/test-times.ts";
import { summarizeChanges } from "../../commands/up.ts";
import { commandList } from "../../toolchain/command-list.mjs";
import { Report } from "../../toolchain/report.ts";

describe("the words of a command", () => {
  const command: Command = {
    usage: "",
    options: { ...stackOption, ask: { type: "boolean", description: "" } },
    takes: { rest: true },
    setUp: [],
    run: async () => 0,
  };
  const parse = (...words: string[]) => {
    const { values, positionals, rest } = parseCall("up", command, words, new Report({ write: () => {} }));
    return { values: { ...values }, positionals, rest };
  };

  test("the stack is the lab unless another is named", () => {
    expect(parse()).toEqual({ values: { stack: "lab" }, positionals: [], rest: [] });
    expect(parse("-s", "company").values).toEqual({ stack: "company" });
    expect(parse("--stack=company", "--ask").values).toEqual({ stack: "company", ask: true });
  });

  test("what comes after -- is pulumi's", () => {
    expect(parse("--stack", "x", "--", "--refresh", "--stack-trace")).toEqual({
      values: { stack: "x" },
      positionals: [],
      rest: ["--refresh", "--stack-trace"],
    });
  });

  test.each([
    [["--stak", "x"], "up has no option --stak. Did you mean --stack?"],
    [["--refresh"], "up has no option --refresh."],
    [["--stack"], "argument missing"],
    [["company"], 'up takes no "company". For the stack company: `npm run up -- --stack company`.'],
    [["--stack", "company", "now"], 'up takes no "now". `npm run up -- --help`'],
    [["-x"], "up has no option -x."],
  ])("%j is a mistake", (words, message) => {
    expect(() => parse(...words)).toThrow(UsageError);
    expect(() => parse(...words)).toThrow(message);
  });
});

test("stray words are refused by every command", async () => {
  const report = new Report({ write: () => {} });
  const accepting: string[] = [];
  for (const name of Object.keys(commandList)) {
    const { command } = (await import(`../../commands/${name}.ts`)) as { readonly command: Command };
    try {
      parseCall(name, command, ["stray"], report);
      accepting.push(name);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
    }
  }
  // These look at each of their words themselves; the files of `test` are vitest's.
  expect(accepting.sort()).toEqual([
    ...["archive", "bench", "clients", "exercise", "import", "limits", "new", "password", "test"],
  ]);
});

test.each([
  [{ same: 35 }, "Nothing has changed: all 35 resources are as declared"],
  [{ same: 30, create: 2, update: 1, delete: 0 }, "Resources: 2 created, 1 updated, 30 unchanged"],
  [{ create: 35 }, "Resources: 35 created"],
  [{ same: 34, replace: 1 }, "Resources: 1 replaced, 34 unchanged"],
])("an update with %j", (changes, sentence) => {
  expect(summarizeChanges(changes)).toBe(sentence);
});

describe("counting tests", () => {
  const of = (...statuses: string[]) => statuses.map((status) => ({ status }));
  test.each([
    ["nothing", [], { passed: 0, failed: 0, skipped: 0 }],
    [
      "all kinds",
      [
        {
          status: "failed",
          assertionResults: of("passed", "failed", "failed", "skipped", "pending", "todo"),
        },
      ],
      { passed: 1, failed: 2, skipped: 3 },
    ],
    [
      "a file that cannot be loaded",
      [{ status: "failed", assertionResults: [] }],
      { passed: 0, failed: 1, skipped: 0 },
    ],
    [
      "a hook that fails after its tests",
      [{ status: "failed", assertionResults: of("passed") }],
      { passed: 1, failed: 1, skipped: 0 },
    ],
  ])("%s", (_, testResults, counts) => {
    expect(countResults({ testResults })).toEqual(counts);
  });
});

test("what was skipped is named", () => {
  const assertionResults = [
    { status: "passed", fullName: "a" },
    { status: "pending", fullName: " needs a plugin: this machine has none b" },
    { status: "failed", fullName: "c" },
  ];
  expect(skippedTests({ testResults: [{ status: "failed", assertionResults }] })).toEqual([
    "needs a plugin: this machine has none b",
  ]);
});

test("the time of each file: the longest first, and what takes no time in one line", () => {
  const times = {
    "test/a.test.ts": 0.2,
    "test/b.test.ts": 0.31,
    "test/lab/c.test.ts": 118.14,
    "test/d.test.ts": 9.5,
  };
  expect(formatTimes(times)).toBe(
    "  118.1 s  test/lab/c.test.ts\n    9.5 s  test/d.test.ts\n    0.5 s  2 files of less than 1 s each\n",
  );
  expect(formatTimes({ "test/d.test.ts": 9.5 })).toBe("    9.5 s  test/d.test.ts\n");
});

test("times that are kept: of lab files that are still there, the newest of each", () => {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-times-"));
  try {
    mkdirSync(join(folder, "test/lab"), { recursive: true });
    for (const name of ["a", "b", "c"]) writeFileSync(join(folder, `test/lab/${name}.test.ts`), "");
    keepTimes({ "test/lab/a.test.ts": 10.4, "test/lab/b.test.ts": 20 }, folder);
    rmSync(join(folder, "test/lab/b.test.ts"));
    keepTimes({ "test/lab/a.test.ts": 11.6, "test/lab/c.test.ts": 30, "test/d.test.ts": 4 }, folder);
    const kept = JSON.parse(readFileSync(join(folder, "test/lab/times.json"), "utf8"));
    expect(kept).toEqual({ "test/lab/a.test.ts": 12, "test/lab/c.test.ts": 30 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("a password", () => {
  const passwords = { "ana@example.org": "one", "postmaster@example.org": "two" };
  test("of an address, in whatever case it is written", () => {
    expect(findPassword(passwords, "Ana@Example.org", "lab")).toBe("one");
  });
  test("of an address that is not there", () => {
    expect(() => findPassword(passwords, "anna@example.org", "lab")).toThrow(
      "Stack lab has no password for anna@example.org. Did you mean ana@example.org?",
    );
    expect(() => findPassword({}, "x@y", "lab")).toThrow("Stack lab has no password for x@y.");
  });
});

test("a shell reads back what was quoted", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~\n]*$/), (text) => {
      const echoed = execFileSync("sh", ["-c", `printf %s ${shellQuote(text)}`], { encoding: "utf8" });
      expect(echoed).toBe(text);
    }),
    { numRuns: 25 },
  );
});
