import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../toolchain/child-process.ts";
import { glossary } from "./english-glossary.ts";

/** A wrong form of the glossary in a text, with its place as editors understand it. */
export interface Finding {
  readonly place: string;
  readonly found: string;
  readonly right: string;
}

/** The lines between which CONTRIBUTING.md shows the glossary. */
export const glossarySection = /(?<=<!-- glossary: [^\n]*-->\n)[\s\S]*(?=<!-- \/glossary -->)/;

/**
 * What is not prose of ours: the record of past versions, the table itself, and files that programs write.
 */
const unchecked =
  /^CHANGELOG\.md$|^LICENSE$|^commands\/english-glossary\.ts$|^package-lock\.json$|^toolchain\/go\/|^test\/review\/previews\/|\.(?:png|gz)$/;

/** @param path - relative to the project's folder */
export function isChecked(path: string): boolean {
  return !unchecked.test(path);
}

/** Every wrong form in a text, one at most per line and entry of the glossary. */
export function findWrongForms(path: string, text: string): readonly Finding[] {
  const prose = text.replace(glossarySection, (table) => table.replace(/[^\n]/g, ""));
  return prose.split("\n").flatMap((line, index) =>
    glossary.flatMap(({ pattern, right }) => {
      // In source a line break within a text does not belong to the word after it.
      const found = pattern.exec(line.replace(/\\[nrt]/g, "  "))?.[0];
      return found === undefined ? [] : [{ place: `${path}:${index + 1}`, found, right }];
    }),
  );
}

/** Every wrong form in the files that Git tracks below `folder`, as they are on the disk. */
export async function checkEnglish(
  folder: string,
): Promise<{ readonly status: number; readonly output: string }> {
  const listed = await run("git", ["ls-files", "-z"], { cwd: folder });
  if (listed.status !== 0) return listed;
  const paths = listed.stdout.split("\0").filter((path) => path !== "" && isChecked(path));
  const findings = await Promise.all(
    // A file that was deleted and not yet committed has no text.
    paths.map(async (path) =>
      findWrongForms(path, await readFile(join(folder, path), "utf8").catch(() => "")),
    ),
  );
  const lines = findings.flat().map(({ place, found, right }) => `${place}: "${found}": use ${right}`);
  return { status: lines.length === 0 ? 0 : 1, output: lines.map((line) => `${line}\n`).join("") };
}
