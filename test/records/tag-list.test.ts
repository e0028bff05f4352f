import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTagList, parseTagList } from "../../records/index.ts";

test("what is formatted is read back the same", () => {
  const tags = fc.dictionary(
    fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
    fc.stringMatching(/^([!-:<-~]([ -:<-~]{0,8}[!-:<-~])?)?$/),
  );
  fc.assert(
    fc.property(tags, (values) => {
      expect([...parseTagList(formatTagList(Object.entries(values)))]).toEqual(Object.entries(values));
    }),
  );
});

test("a value cannot begin another tag", () => {
  expect(() => formatTagList([["p", "none; sp=none"]])).toThrow('the tag p cannot hold "none; sp=none"');
});

test.each([
  ["a=1; b", '"b" is not a tag=value pair'],
  ["=1", '"=1" is not a tag=value pair'],
  ["a=1; a=2", 'the tag "a" stands twice'],
])("%s is refused", (text, message) => {
  expect(() => parseTagList(text)).toThrow(message);
});
