import { expect, test } from "vitest";
import { examplesIn, linesOf, strayMarks } from "../kit/reader.ts";
import { codeBlocks, pages, readPage, shellBlocks } from "./pages.ts";

const lab = { stack: "test-1", prefix: "maildomain-test-1", address: "127.1.2.3" };

test.each(pages)("each mark in %s is of a form that is known, and about a command of its block", (page) => {
  const text = readPage(page);
  const blocks = codeBlocks(text);
  expect(blocks.flatMap(strayMarks)).toEqual([]);
  const known = blocks.flatMap(({ marks }) => marks).length;
  const written = [...text.matchAll(/^\s*<!-- (?:example|exit|typed|new checkout)\b(?!: `npx vitest)/gm)]
    .length;
  expect(known).toBe(written);
});

test("most blocks are run", () => {
  const blocks = pages.flatMap((page) => shellBlocks(readPage(page)));
  expect(blocks.filter((block) => linesOf(block, lab).length > 0).length).toBeGreaterThan(50);
});

test("a block is run with the reader's own stack, without what is an example", () => {
  const text = `
- in a list:

  <!-- example of "--watch": it runs until you stop it -->
  <!-- exit status 1 of "npm run names": they do not resolve -->
  <!-- typed: correct horse -->

  \`\`\`sh
  npm run names   # shows them
  npm run names -- --remove
  npm run verify -- --stack company --watch 60
  PASSWORD=x npm run --silent records -- --format zone >zone.txt && npm run doctor
  eval "$(npm run --silent env)"
  docker exec maildomain-company-mail-server \\
    postqueue -p
  nslookup mail.vaamonde.pti 127.0.0.1
  \`\`\`
`;
  const [block] = shellBlocks(text);
  if (block === undefined) throw new Error("no block");
  expect(examplesIn(block.marks)).toEqual(["--watch: it runs until you stop it"]);
  expect(linesOf(block, lab).join("\n")).toMatchInlineSnapshot(`
    "status=0; npm run names -- --stack test-1 || status=$?; test $status = 1
    npm run names -- --stack test-1 --remove
    PASSWORD=x npm run --silent records -- --stack test-1 --format zone >zone.txt && npm run doctor
    eval "$(npm run --silent env -- --stack test-1)"
    docker exec maildomain-test-1-mail-server postqueue -p
    nslookup mail.vaamonde.pti 127.1.2.3"
  `);
});
