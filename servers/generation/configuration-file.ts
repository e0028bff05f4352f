/** One file of a configuration generation. */
export interface ConfigurationFile {
  /** Relative to the configuration volume, e.g. `postfix/main.cf`. */
  readonly path: string;
  readonly content: string;
}

/** The Docker provider uploads no empty file; every reader of a table passes over an empty line. */
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
