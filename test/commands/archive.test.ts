import { expect, test } from "vitest";
import { archiveWords, formatArchive, parseArchive } from "../../commands/archive.ts";

test("what the server reports becomes a table", () => {
  const text =
    "ana@example.org\t20270131T120000Z\t20270302T120000Z\t5242880\nb@example.org\t20270201T000000Z\t20270303T000000Z\t0\n";
  expect(formatArchive(parseArchive(text))).toMatchInlineSnapshot(`
    "address          removed           kept until            size
    ana@example.org  20270131T120000Z  2027-03-02 12:00 UTC  5 MiB
    b@example.org    20270201T000000Z  2027-03-03 00:00 UTC  0 KiB"
  `);
  expect(formatArchive(parseArchive(""))).toBe("No mail of removed mailboxes is kept.");
});

test.each([
  [
    ["restore", "Ana@example.org"],
    ["restore", "ana@example.org"],
  ],
  [
    ["export", "ana@example.org", "20270131T120000Z"],
    ["export", "ana@example.org", "20270131T120000Z"],
  ],
  [[], ["list"]],
])("%j", (words, expected) => {
  expect(archiveWords(words, false)).toEqual(expected);
});

test("nothing is deleted by a word too few", () => {
  expect(() => archiveWords(["delete", "ana@example.org"], false)).toThrow(/Add --yes/);
  expect(archiveWords(["delete", "ana@example.org"], true)).toEqual(["delete", "ana@example.org"]);
  for (const words of [["purge"], ["restore"]]) {
    expect(() => archiveWords(words, true)).toThrow(/archive (restore )?needs/);
  }
  expect(() => archiveWords(["list", "ana"], true)).toThrow("archive list: what is ana?");
  expect(() => archiveWords(["restore", "ana@example.org", "20270131T120000Z", "x"], true)).toThrow(
    "what is x?",
  );
});
