/** The programs of docs/package.md: whoever follows the page has these, and so have the tests. */
import { codeBlocks, readPage } from "../docs/pages.ts";

const examplePerson = "ana@example.org";

/**
 * What the page says, with the addresses of one's own machine in the place of those for documentation.
 *
 * @param language - as the block's fence has it
 * @param begins - how the block begins
 * @throws Error where the page has not one such block
 */
export function documentedProgram(language: string, begins: string, address: string): string {
  const found = codeBlocks(readPage("docs/package.md")).filter(
    (block) => block.language === language && block.content.startsWith(begins),
  );
  const [block] = found;
  if (block === undefined || found.length > 1)
    throw new Error(`docs/package.md has ${found.length} blocks of ${language} that begin with ${begins}`);
  return block.content.replaceAll(/\b(?:192\.0\.2\.25|0\.0\.0\.0)\b/g, address);
}

/**
 * The program with one more mailbox, as people edit it: the first one's entry, and once more with another name.
 *
 * @example withMailbox(program, "ben")
 */
export function withMailbox(program: string, name: string): string {
  const entry = new RegExp(`\\{[^{}]*${examplePerson.replaceAll(".", "\\.")}[^{}]*\\}`).exec(program)?.[0];
  if (entry === undefined) throw new Error(`The program has no mailbox ${examplePerson}.`);
  const another = entry.replace(examplePerson, `${name}@example.org`).replace("Ana Lima", "Ben Costa");
  return program.replace(entry, `${entry}, ${another}`);
}
