import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { anchors, links, pages, projectFolder, readPage } from "./pages.ts";

/** What is wrong with the relative links of a page. */
function brokenLinks(page: string, text: string): string[] {
  return links(text).flatMap(({ target, line }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : relative(projectFolder, join(projectFolder, page, "..", path));
    if (file !== page && !existsSync(join(projectFolder, file)))
      return [`${page}:${line}: ${path} does not exist`];
    if (anchor === undefined) return [];
    const there = file === page ? text : readPage(file);
    return anchors(there).has(anchor) ? [] : [`${page}:${line}: ${file} has no heading #${anchor}`];
  });
}

test.each(pages)("every relative link of %s leads to a file and a heading", (page) => {
  expect(brokenLinks(page, readPage(page))).toEqual([]);
});

test("a link to a file, a heading or a page's own heading that does not exist is found", () => {
  const text = [
    "# A page: `code`, and more",
    "```sh",
    "# not a heading",
    "```",
    "[a](missing.md) [b](config.md#nothing) [c](#not-a-heading) [d](https://example.org/x)",
    "[fine](#a-page-code-and-more) [fine](config.md#maildomaindomainsmailboxes) `[code](missing.md)`",
  ].join("\n");
  expect(brokenLinks("docs/made-up.md", text)).toEqual([
    "docs/made-up.md:5: missing.md does not exist",
    "docs/made-up.md:5: docs/config.md has no heading #nothing",
    "docs/made-up.md:5: docs/made-up.md has no heading #not-a-heading",
  ]);
});

test("docs/README.md lists every page of docs/", () => {
  const listed = new Set(links(readPage("docs/README.md")).map(({ target }) => target.split("#")[0]));
  const inDocs = pages.flatMap((page) => (page.startsWith("docs/") ? [page.slice("docs/".length)] : []));
  expect(inDocs.filter((page) => page !== "README.md" && !listed.has(page))).toEqual([]);
});
