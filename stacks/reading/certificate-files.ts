/** The certificates that a stack brings along: their files put in place of their paths, and what is wrong with them. */
import { isPem } from "../../keys/certificate-chain.ts";
import { isPemFile } from "../schema/fields.ts";
import type { Problem } from "./problems.ts";

/** A file beside the stack file, or anywhere on the machine that deploys. */
export interface TextFile {
  readonly text: string;
  /** Whether every user of the machine can read it. */
  readonly isPublic: boolean;
}

export interface WithCertificates {
  /** The settings with PEM in place of each path. */
  readonly written: unknown;
  readonly problems: readonly Problem[];
}

/**
 * @param written - the keys of a stack file, not checked yet: anything but a path is left to the schema.
 * @param read - the content of a file, by its path from `stacks/`.
 */
export function expandCertificates(written: unknown, read: (path: string) => TextFile): WithCertificates {
  if (!isSection(written) || !isSection(written.certificates)) return { written, problems: [] };
  const { certificates, lab } = written;
  const problems: Problem[] = [];
  const expand = (section: Record<string, unknown>, key: string, place: readonly PropertyKey[]): unknown => {
    const value = section[key];
    if (typeof value !== "string" || !isPemFile(value)) return value;
    const path = [...place, key];
    try {
      const { text, isPublic } = read(value);
      if (key === "key" && isPublic && lab !== true) {
        problems.push({ path, message: `file ${value} can be read by everybody: run \`chmod 600\` on it` });
      }
      if (isPem(text)) return text;
      problems.push({ path, message: `file ${value} holds no PEM (-----BEGIN …): convert it with openssl` });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
      if (code === undefined) throw error;
      const what = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
      problems.push({ path, message: `file ${value} ${what}: write a path from stacks/, or a whole one` });
    }
    return value;
  };
  const place = ["certificates"];
  const files: unknown = Array.isArray(certificates.files)
    ? certificates.files.map((file: unknown, index) => {
        if (!isSection(file)) return file;
        const at = [...place, "files", index];
        return { ...file, chain: expand(file, "chain", at), key: expand(file, "key", at) };
      })
    : certificates.files;
  const { acme } = certificates;
  const expanded = {
    ...certificates,
    files,
    authority: expand(certificates, "authority", place),
    ...(isSection(acme) ? { acme: { ...acme, roots: expand(acme, "roots", [...place, "acme"]) } } : {}),
  };
  return { written: { ...written, certificates: expanded }, problems };
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
