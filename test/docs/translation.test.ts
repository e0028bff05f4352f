import { expect, test } from "vitest";
import { codeBlocks, headings, links, prose, readPage } from "./pages.ts";

/** What a translation has in common with its original: all but the words. */
function skeleton(text: string) {
  const sections = text.split(/^(?=## )/m);
  return {
    headings: headings(text).map(({ level }) => level),
    sections: sections.map((section) => ({
      rows: [...section.matchAll(/^\|/gm)].length,
      items: [...prose(section).matchAll(/^- /gm)].length,
      links: links(section)
        .map(({ target }) => target)
        .filter((target) => !/^README(\.pt-BR)?\.md$/.test(target))
        .toSorted(),
      code: [...new Set([...prose(section).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code))].toSorted(),
      // Of a diagram the labels are words.
      blocks: codeBlocks(section).map(({ language, content }) =>
        language === "mermaid" ? content.replace(/"[^"\n]*"/g, '""') : content,
      ),
    })),
  };
}

test("README.pt-BR.md has the sections, commands, settings and links of README.md", () => {
  expect(skeleton(readPage("README.pt-BR.md"))).toEqual(skeleton(readPage("README.md")));
});

test("each of the two leads to the other", () => {
  const targets = (page: string) => links(readPage(page)).map(({ target }) => target);
  expect(targets("README.md")).toContain("README.pt-BR.md");
  expect(targets("README.pt-BR.md")).toContain("README.md");
});
