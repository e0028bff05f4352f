import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { driftMarkdown } from "../../commands/drift.ts";
import { summarize } from "../../commands/import.ts";
import { unseenIn } from "../../naming/unseen.mjs";
import { toMarkdown } from "../../review/markdown.ts";
import { formatPlaced } from "../../stacks/reading/problems.ts";
import { print, printError } from "../../toolchain/print.mjs";
import { Report } from "../../toolchain/report.ts";
import type { Result } from "../../verify/check.ts";
import { formatChanges, formatReport } from "../../verify/report.ts";

/** What another server, a file or a person may have written to take over whoever reads it. */
const hostile = "\x1b]0;owned\x07 \x1b[2J \u009b31m \u202egnp.exe \u2066 \u200b \u{e0041}";
const lines = "250 ready\r\nAll 40 checks passed.";

test("everything is printed from one place", () => {
  const files = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.mjs"],
    {
      encoding: "utf8",
    },
  );
  const printing = files
    .split("\n")
    .filter((file) => file !== "" && !/^(test|examples|images|clients)\//.test(file))
    .filter((file) => /\bconsole\.|process\.std(out|err)\.write/.test(readFileSync(file, "utf8")));
  // The provider prints a number for the engine.
  expect(printing.sort()).toEqual(["provider/grpc.ts", "toolchain/print.mjs"]);
});

test.each([
  ["print", print, process.stdout],
  ["printError", printError, process.stderr],
] as const)("%s writes it out", (_, say, stream) => {
  const write = vi.spyOn(stream, "write").mockReturnValue(true);
  say(`${hostile}\n`);
  const [[written] = []] = write.mock.calls;
  write.mockRestore();
  expect(unseenIn(String(written).trimEnd())).toBeUndefined();
});

test("what a server says reaches a terminal in one line, as text", () => {
  const result = (seen: string): Result => ({
    id: "greeting",
    group: "Servers",
    title: `greeting ${hostile}`,
    why: hostile,
    milliseconds: 1,
    outcome: { status: "failed", seen, remedy: hostile },
  });
  for (const text of [
    formatReport([result(hostile), result(lines)]),
    formatChanges([], [result(hostile), result(lines)]),
    driftMarkdown("lab", {
      steps: [],
      results: [result(hostile), result(lines)],
      updates: [
        {
          name: hostile,
          packages: "",
          updates: [{ name: hostile, from: hostile, to: hostile, isSecurity: true, cves: [] }],
        },
      ],
    }),
  ]) {
    expect(text.split("\n").map(unseenIn).filter(Boolean)).toEqual([]);
    expect(text).not.toContain("\nAll 40 checks passed.");
    expect(text).toContain(
      "\\u001b]0;owned\\u0007 \\u001b[2J \\u009b31m \\u202egnp.exe \\u2066 \\u200b \\udb40\\udc41",
    );
  }
});

test("progress and errors", () => {
  let written = "";
  const report = new Report({ write: (text: string) => (written += text) });
  report.done(hostile);
  report.fail(`${hostile}\nsecond line`);
  report.note(hostile);
  expect(written.split("\n").map(unseenIn).filter(Boolean)).toEqual([]);
  expect(written).toContain("\nsecond line\n");
});

test("a review in Markdown", () => {
  const change = {
    subject: "mailbox",
    kind: "changed",
    name: hostile,
    property: hostile,
    before: hostile,
  } as const;
  const risks = [{ id: "mailbox-removed", name: hostile, reason: hostile }] as const;
  const step = { operation: "update", type: hostile, name: hostile, because: [hostile] } as const;
  const text = toMarkdown({ changes: [change], risks, steps: [step], unknown: [] }, "lab");
  expect(text.split("\n").map(unseenIn).filter(Boolean)).toEqual([]);
  expect(text).toContain("\\u001b");
});

test("problems of a stack file, and what an import did not take over", () => {
  const problems = formatPlaced("stacks/Pulumi.x.yaml", [
    { path: [`a${lines}${hostile}`], message: hostile },
  ]);
  expect(problems.split("\n").map(unseenIn).filter(Boolean)).toEqual([]);
  expect(problems).not.toContain("\nAll 40");
  const translation = { domains: [], notes: [hostile], notTaken: [{ place: hostile, reason: hostile }] };
  expect(summarize(translation as never, { compared: 0, differences: [] }, [], "x")).toContain("owned");
});
