/** One file of a configuration generation. */
export interface ConfigurationFile {
  /** Relative to the configuration volume, e.g. `postfix/main.cf`. */
  readonly path: string;
  readonly content: string;
  /** As in {@link SealedFile}. @default the user that unpacks it: root, or the one user of an image without root */
  readonly owner?: string | undefined;
  /** As in {@link SealedFile}. @default 0o600: whoever else reads it has to be named */
  readonly mode?: number | undefined;
}

/**
 * A file whose path is plain and whose content is known later, mostly because it is a secret: which files exist
 * never depends on a secret.
 */
export interface SealedFile<Secret> {
  readonly path: string;
  /** A user of the server's image, with the group if it is not the user's own. @example "root:dovecot" */
  readonly owner: string;
  /** Permission bits out of 0o644. @example 0o640 */
  readonly mode: number;
  render(secret: Secret): string;
}

/** A sealed file with its content. */
export function unseal<Secret>(file: SealedFile<Secret>, secret: Secret): ConfigurationFile {
  const { path, owner, mode } = file;
  return { path, owner, mode, content: file.render(secret) };
}

/** Files without a secret that every user of the server's image may read. */
export function readableByAll(files: readonly ConfigurationFile[]): ConfigurationFile[] {
  return files.map((file) => ({ ...file, owner: "root", mode: 0o644 }));
}

/** Never an empty file: every reader of a table passes over an empty line. */
export function tableText(lines: string): string {
  return lines === "" ? "\n" : lines;
}

/** Sorts by code units, so that a rendering is the same under every locale. */
export function byPath<File extends { readonly path: string }>(files: readonly File[]): File[] {
  return files.toSorted((a, b) => compareText(a.path, b.path));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
