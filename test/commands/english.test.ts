import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findWrongForms, glossarySection, isChecked } from "../../commands/english.ts";
import { glossary } from "../../commands/english-glossary.ts";

describe.each(glossary.map((entry) => ({ ...entry })))("$wrong", ({ right, bad, good }) => {
  test.each(bad)("is found in %j", (text) => {
    expect(findWrongForms("docs/x.md", `first line\n${text}\n`)).toContainEqual({
      place: "docs/x.md:2",
      found: expect.any(String),
      right,
    });
  });

  test.each(good)("is not in %j", (text) => {
    expect(findWrongForms("docs/x.md", text)).toEqual([]);
  });
});

test("every entry has an example of either kind, and its advice is in no wrong form itself", () => {
  expect(glossary.filter(({ bad, good }) => bad.length === 0 || good.length === 0)).toEqual([]);
  expect(glossary.flatMap(({ right }) => findWrongForms("", right))).toEqual([]);
});

/** A wrong form that is one word, not written here either. */
const word = glossary.map(({ wrong }) => wrong).find((wrong) => /^[a-z]+$/.test(wrong)) ?? "";

test("CONTRIBUTING.md shows the glossary, which is not checked there", async () => {
  const file = "../../CONTRIBUTING.md";
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const table = glossary.map(({ wrong, right }) => `| ${wrong} | ${right} |\n`).join("");
  expect(text).toMatch(glossarySection);
  await expect(
    text.replace(glossarySection, () => `\n| not | but |\n|---|---|\n${table}\n`),
  ).toMatchFileSnapshot(file);
  expect(findWrongForms("CONTRIBUTING.md", text)).toEqual([]);
  expect(findWrongForms("CONTRIBUTING.md", `${text}${word}\n`)).toHaveLength(1);
});

test("an escaped line break does not hide the word after it", () => {
  expect(findWrongForms("verify/x.ts", String.raw`${"`"}why: x\n${word} y${"`"}`)).toHaveLength(1);
});

test("which files are checked", () => {
  const paths = ["README.md", "docs/webmail/inbox.png", "CHANGELOG.md", "images/mail-server/activate", ".ci"];
  expect(paths.filter(isChecked)).toEqual(["README.md", "images/mail-server/activate", ".ci"]);
});
