import { createHash } from "node:crypto";
import { byPath, type ConfigurationFile } from "./configuration-file.ts";

const PATH = /^[A-Za-z0-9_@][A-Za-z0-9._@+-]*(?:\/[A-Za-z0-9_@][A-Za-z0-9._@+-]*)*$/;

/**
 * The list of a generation's files with their sums, as `sha256sum --check` reads it. A server takes a
 * generation only when every sum matches, so a half-written upload is never put into force.
 *
 * @throws RangeError if a path is given twice, is absolute, or has a hidden or `..` part.
 */
export function renderManifest(files: readonly ConfigurationFile[]): ConfigurationFile {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (!PATH.test(path)) throw new RangeError(`"${path}" cannot be a configuration file's path`);
    if (seen.has(path)) throw new RangeError(`"${path}" is rendered twice`);
    seen.add(path);
  }
  const content = byPath(files)
    .map((file) => `${sha256(file.content)}  ${file.path}\n`)
    .join("");
  return { path: "SHA256SUMS", content };
}

/** What the server reports as the generation in force once it has taken the one that `manifest` lists. */
export function generationId(manifest: ConfigurationFile): string {
  return sha256(manifest.content).slice(0, 16);
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
