import { createHash } from "node:crypto";
import { byPath, type ConfigurationFile } from "./configuration-file.ts";

const PATH = /^[A-Za-z0-9_@][A-Za-z0-9._@+-]*(?:\/[A-Za-z0-9_@][A-Za-z0-9._@+-]*)*$/;
const LISTED = /^[0-9a-f]{64} {2}(\d+) {2}(.+)$/;

/**
 * A server's whole configuration as one text: the sum of the list, the list with each file's sum, length in bytes and
 * path, an empty line, and the files one after another. A server takes a generation only when every sum matches, so a
 * half-written upload is never put into force.
 *
 * One text and not a file each, since what the Docker provider spends on a container grows with the uploads it has:
 * two thirds of a preview's time went there (issue 5).
 *
 * @throws RangeError if a path is given twice, is absolute, or has a hidden or `..` part.
 */
export function renderGeneration(files: readonly ConfigurationFile[]): string {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (!PATH.test(path)) throw new RangeError(`"${path}" cannot be a configuration file's path`);
    if (seen.has(path)) throw new RangeError(`"${path}" is rendered twice`);
    seen.add(path);
  }
  const sorted = byPath(files);
  const list = sorted
    .map(({ path, content }) => `${sha256(content)}  ${Buffer.byteLength(content)}  ${path}\n`)
    .join("");
  return `${sha256(list)}\n${list}\n${sorted.map(({ content }) => content).join("")}`;
}

/** What the server reports as the generation in force once it has taken this one: 16 hexadecimal digits. */
export function generationId(generation: string): string {
  return generation.slice(0, 16);
}

/**
 * The files of a generation, as a server unpacks them.
 *
 * @throws RangeError if it is none, or not whole.
 */
export function parseGeneration(generation: string): ConfigurationFile[] {
  const text = Buffer.from(generation);
  const end = text.indexOf("\n\n");
  const [, ...list] = text.subarray(0, Math.max(end, 0)).toString().split("\n");
  let at = end + 2;
  const files = list.map((line) => {
    const [, length, path = ""] = LISTED.exec(line) ?? [];
    if (length === undefined) throw new RangeError(`"${line}" lists no file of a generation`);
    const content = text.subarray(at, at + Number(length)).toString();
    at += Number(length);
    return { path, content };
  });
  if (renderGeneration(files) !== generation) throw new RangeError("the generation is not whole");
  return files;
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
