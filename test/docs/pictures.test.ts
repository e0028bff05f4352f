import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testsWithPictures } from "../../commands/test.ts";
import { type PictureName, pictureProblems, pictures, picturesInDocs } from "../kit/pictures.ts";
import { withTextInPng } from "../kit/png-text.ts";
import { links, pages, projectFolder, readPage } from "./pages.ts";

const names = Object.keys(pictures) as PictureName[];

test("every picture in docs/ has a test that makes it, and a page that shows it", () => {
  expect(picturesInDocs()).toEqual(names.toSorted());
  const shown = new Set(
    pages.flatMap((page) => links(readPage(page)).map(({ target }) => target.replace(/^docs\//, ""))),
  );
  expect(names.filter((name) => !shown.has(`${name}.png`))).toEqual([]);
});

test("`npm test -- --pictures` runs every test that makes one", () => {
  const files = Object.values(pictures).map((each) => `test/lab/${each.test}.test.ts`);
  expect(testsWithPictures()).toEqual([...new Set(files)].toSorted());
});

test.each(names)("%s is small, and shows what there is now", (name) => {
  expect(pictureProblems(name)).toEqual([]);
});

test("one that no test has made, one of former times and one that is too large are found", () => {
  const name = "clients/thunderbird-inbox";
  const again = "npm test -- --pictures test/lab/thunderbird.test.ts";
  const bytes = readFileSync(join(projectFolder, `docs/${name}.png`));
  const signature = bytes.subarray(0, 8);
  const bare = Buffer.concat([signature, bytes.subarray(-12)]);
  expect(pictureProblems(name, bare)).toEqual([`docs/${name}.png was not made by its test: ${again}`]);
  const former = withTextInPng(bare, "maildomain:shows", "0123456789abcdef");
  expect(pictureProblems(name, former)).toEqual([`docs/${name}.png shows what was: ${again}`]);
  const large = Buffer.concat([bytes, Buffer.alloc(100_000)]);
  expect(pictureProblems(name, large)).toEqual([`docs/${name}.png has ${large.length} bytes`]);
});
