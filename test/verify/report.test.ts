import { describe, expect, test } from "vitest";
import { wrappedText } from "../../naming/wrapped.mjs";
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
  const second = result("other", { status: "failed", seen: "550 no", remedy: "ask" }, "DNS of example.org");
  const first = result("c", { status: "ok", seen: "as declared" }, "DNS of example.net");

  test("is a line per kind of group, and what is not well in full and last, the worst of it at the end", () => {
    expect(formatReport([well, broken, first, second, unknown])).toMatchInlineSnapshot(`
      "• Service  2 checks, 1 could not be run
      ✘ DNS      3 checks, 2 failed

      Service
        skipped  question long  no engine
                 why: reason long
                 fix: start Docker

      DNS
        FAILED   question b  nothing answers
                 why: reason b
                 fix: start it

      DNS of example.org
        FAILED   question other  550 no
                 why: reason other
                 fix: ask

      2 of 5 checks passed, 2 failed, 1 could not be run.
      "
    `);
  });

  test("says so when all passed", () => {
    expect(formatReport([well])).toMatchInlineSnapshot(`
      "✔ Service  1 check

      All 1 checks passed.
      "
    `);
  });

  test("has a line per check on request", () => {
    expect(formatReport([well, broken, unknown], { all: true })).toMatchInlineSnapshot(`
      "Service
        ok       question a     as declared
        skipped  question long  no engine

      DNS
        FAILED   question b     nothing answers

      Service
        skipped  question long  no engine
                 why: reason long
                 fix: start Docker

      DNS
        FAILED   question b  nothing answers
                 why: reason b
                 fix: start it

      1 of 3 checks passed, 1 failed, 1 could not be run.
      "
    `);
  });

  test("is as wide as the terminal, and breaks between words", () => {
    const long = {
      ...broken,
      why: "Receivers that look at it reject or put off mail from a server without such a name (RFC 1912 section 2.1).",
    };
    expect(formatReport([long], { columns: 50 })).toMatchInlineSnapshot(`
      "✘ DNS  1 check, 1 failed

      DNS
        FAILED   question b  nothing answers
                 why: Receivers that look at it reject
                      or put off mail from a server
                      without such a name (RFC 1912
                      section 2.1).
                 fix: start it

      0 of 1 checks passed, 1 failed.
      "
    `);
  });

  test("says once what several checks have in common: one cause fails the same check at several ports", () => {
    const at = (id: string) => ({ ...broken, id, title: `question ${id}` });
    expect(
      formatReport([at("587"), at("465"), { ...at("25"), why: "another reason" }]),
    ).toMatchInlineSnapshot(`
      "✘ DNS  3 checks, 3 failed

      DNS
        FAILED   question 587  nothing answers
        FAILED   question 465  nothing answers
                 why: reason b
                 fix: start it
        FAILED   question 25   nothing answers
                 why: another reason
                 fix: start it

      0 of 3 checks passed, 3 failed.
      "
    `);
  });

  test("names what failed because of something else there alone, wherever it belongs", () => {
    const follows = [broken.id];
    const between = { ...second, follows };
    const last = {
      ...result("mail", { status: "failed", seen: "fail", remedy: "x" }, "Mail"),
      follows: [between.id],
    };
    const own = { ...result("own", { status: "failed", seen: "none", remedy: "y" }, "Mail"), follows: ["z"] };
    const skipped = { ...unknown, follows };
    const results = [well, broken, between, last, own, skipped];
    expect(formatReport(results)).toMatchInlineSnapshot(`
      "• Service  2 checks, 1 could not be run
      ✘ DNS      2 checks, 2 failed
      ✘ Mail     2 checks, 2 failed

      Service
        skipped  question long  no engine
                 why: reason long
                 fix: start Docker

      DNS
        FAILED   question b  nothing answers
                 why: reason b
                 fix: start it
                 so also failed: question other; question mail

      Mail
        FAILED   question own  none
                 why: reason own
                 fix: y

      1 of 6 checks passed, 4 failed, 1 could not be run.
      "
    `);
    expect(formatReport([{ ...well, id: broken.id }, between])).toContain("fix: ask");
    expect(toJson(results).checks.filter((check) => "follows" in check)).toEqual([]);
  });

  test("is not wrapped by a terminal that does not say how wide it is", () => {
    expect(formatReport([broken], { columns: 0 })).toBe(formatReport([broken]));
  });

  test("colours the marks and nothing else", () => {
    const coloured = formatReport([well, broken], { colour: true, all: true });
    expect(coloured).toContain("\u001b[32mok     \u001b[39m");
    expect(coloured).toContain("\u001b[31mFAILED \u001b[39m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(formatReport([well, broken], { all: true }));
  });
});

test("a command between backticks stays in one line, and a row continues below what it says", () => {
  const row = "  Names        resolve here after `npm run names -- --apply --stack company`";
  expect(wrappedText(row, 60)).toBe(
    "  Names        resolve here after\n               `npm run names -- --apply --stack company`",
  );
  expect(wrappedText(row, 80)).toBe(row);
  expect(wrappedText("one `two three", 8)).toBe("one `two\n  three");
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
