import { describe, expect, test } from "vitest";
import type { Outcome, Result } from "../../verify/check.ts";
import { exitStatus, formatReport, toJson } from "../../verify/report.ts";

function result(id: string, outcome: Outcome, group = "Service"): Result {
  return { id, group, title: `question ${id}`, why: `reason ${id}`, outcome, milliseconds: 7 };
}

const well = result("a", { status: "ok", seen: "as declared" });
const broken = result("b", { status: "failed", seen: "nothing answers", remedy: "start it" }, "DNS");
const unknown = result("long", { status: "skipped", seen: "no engine", remedy: "start Docker" });

describe("exitStatus", () => {
  test.each<[string, Result[], number]>([
    ["all well", [well, well], 0],
    ["one failed", [well, broken], 1],
    ["a failure outweighs what could not be checked", [unknown, broken, well], 1],
    ["one could not be checked", [well, unknown], 2],
    ["nothing was asked", [], 2],
    ["a hint decides nothing", [well, { ...broken, isHint: true }], 0],
    ["a hint beside what could not be checked", [unknown, { ...broken, isHint: true }], 2],
  ])("%s", (_, results, status) => {
    expect(exitStatus(results)).toBe(status);
  });
});

describe("formatReport", () => {
  test("gathers groups and explains only what is not well", () => {
    expect(formatReport([well, broken, unknown])).toMatchInlineSnapshot(`
      "Service
        ok       question a     as declared
        skipped  question long  no engine
                 why: reason long
                 fix: start Docker

      DNS
        FAILED   question b     nothing answers
                 why: reason b
                 fix: start it

      1 of 3 checks passed, 1 failed, 1 could not be run.
      "
    `);
  });

  test("says so when all passed", () => {
    expect(formatReport([well])).toMatchInlineSnapshot(`
      "Service
        ok       question a  as declared

      All 1 checks passed.
      "
    `);
  });

  test("colours the marks and nothing else", () => {
    const coloured = formatReport([well, broken], { colour: true });
    expect(coloured).toContain("\u001b[32mok     \u001b[39m");
    expect(coloured).toContain("\u001b[31mFAILED \u001b[39m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(formatReport([well, broken]));
  });
});

test("toJson holds each outcome flat beside its check", () => {
  expect(toJson([well, broken])).toMatchInlineSnapshot(`
    {
      "checks": [
        {
          "group": "Service",
          "id": "a",
          "milliseconds": 7,
          "seen": "as declared",
          "status": "ok",
          "title": "question a",
          "why": "reason a",
        },
        {
          "group": "DNS",
          "id": "b",
          "milliseconds": 7,
          "remedy": "start it",
          "seen": "nothing answers",
          "status": "failed",
          "title": "question b",
          "why": "reason b",
        },
      ],
      "status": 1,
      "summary": "1 of 2 checks passed, 1 failed.",
      "version": 1,
    }
  `);
});
