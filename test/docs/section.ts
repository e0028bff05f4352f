import { readFileSync } from "node:fs";
import { expect } from "vitest";

/**
 * Holds a part of a document that a test writes: what stands between `<!-- NAME: … -->` and `<!-- /NAME -->`. The tests
 * fail where the document says something else, and `--update` writes it.
 *
 * @param file - below docs/
 */
export async function expectSection(file: string, name: string, content: string): Promise<void> {
  const url = new URL(`../../docs/${file}`, import.meta.url);
  const text = readFileSync(url, "utf8");
  const section = new RegExp(`(?<=<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*(?=<!-- /${name} -->)`);
  expect(text).toMatch(section);
  await expect(text.replace(section, () => `\n${content}\n`)).toMatchFileSnapshot(url.pathname);
}
