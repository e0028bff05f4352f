import { expect, test } from "vitest";
import { shown, shownInLine, unseenIn } from "../../naming/unseen.mjs";

test.each([
  ["CR", "Ana\rLima", "U+000D"],
  ["LF", "Ana\nBcc: x@example.org", "U+000A"],
  ["a title for the terminal", "\x1b]0;owned\x07", "U+001B"],
  ["CSI", "Ana\x1b[2J", "U+001B"],
  ["CSI of C1", "Ana\u009b2J", "U+009B"],
  ["DEL", "Ana\x7f", "U+007F"],
  ["NUL", "Ana\0", "U+0000"],
  ["a line separator", "Ana\u2028Lima", "U+2028"],
  ["right-to-left override", "Ana \u202egpj.exe", "U+202E"],
  ["an isolate", "\u2067Ana\u2069", "U+2067"],
  ["Arabic letter mark", "Ana\u061c", "U+061C"],
  ["left-to-right mark", "Ana\u200e", "U+200E"],
  ["zero-width space", "A\u200bna", "U+200B"],
  ["word joiner", "A\u2060na", "U+2060"],
  ["byte order mark", "\ufeffAna", "U+FEFF"],
  ["soft hyphen", "A\u00adna", "U+00AD"],
  ["combining grapheme joiner", "A\u034fna", "U+034F"],
  ["Hangul filler", "\u3164", "U+3164"],
  ["a tag", "Ana\u{e0041}", "U+E0041"],
  ["a variation selector after a letter", "Ana\ufe0f", "U+FE0F"],
  ["a joiner between Latin letters", "A\u200dna", "U+200D"],
  ["a non-joiner between Latin letters", "A\u200cna", "U+200C"],
  ["a non-joiner after a letter that does not join", "ر\u200cا", "U+200C"],
  ["half a surrogate pair", "Ana\ud800", "U+D800"],
  ["interlinear annotation", "\ufff9Ana", "U+FFF9"],
])("%s is unseen, and written out", (_, text, character) => {
  expect(unseenIn(text)).toBe(character);
  expect(unseenIn(shownInLine(text))).toBeUndefined();
});

test.each([
  ["Portuguese", "João d'Ávila-Conceição, Lda. (Vendas & Cª)"],
  ["decomposed", "Joa\u0303o"],
  ["Persian, with a non-joiner", "می\u200cخواهم"],
  ["Sinhala, with a joiner", "ශ්\u200dරී"],
  ["Malayalam, with a joiner at the end", "അവന്\u200d"],
  ["Hindi, with a non-joiner", "क्\u200cष"],
  ["Hebrew", "שלום"],
  ["a variant of a Han character", "葛\u{e0100}飾"],
  ["a family", "👩🏽\u200d💻 👨\u200d👩\u200d👧"],
  ["a heart", "Ana ❤\ufe0f"],
  ["a key cap", "1\ufe0f\u20e3"],
])("%s needs what it has", (_, text) => {
  expect(unseenIn(text)).toBeUndefined();
  expect(shownInLine(text)).toBe(text);
});

test("lines and tabs stay in a text of several lines, and JSON stays what it means", () => {
  expect(shown("one\n\ttwo\x1b[2J\r\n")).toBe("one\n\ttwo\\u001b[2J\\u000d\n");
  const value = "\u009b2J \u202e \u{e0041}";
  expect(JSON.parse(shown(JSON.stringify(value)))).toBe(value);
});
