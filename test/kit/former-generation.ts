import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { byPath, type ConfigurationFile } from "../../servers/generation/configuration-file.ts";

/** A generation as it was before it said who reads its files, with the files that there were then. */
export function formerGeneration(files: readonly ConfigurationFile[]): Buffer {
  const former = byPath(files).filter(
    ({ path }) => !/^(logins|passwords)\/|^(?:health-questions|services)$/.test(path),
  );
  const list = former
    .map(({ path, content }) => `${sha256(content)}  ${Buffer.byteLength(content)}  ${path}\n`)
    .join("");
  const packed = `${list}\n${former.map(({ content }) => content).join("")}`;
  return Buffer.concat([Buffer.from(`${sha256(list)}\n`), gzipSync(packed)]);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
