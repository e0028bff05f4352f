import { cut, normalizeAddress } from "../records/index.ts";

/** Files of an existing mail server, as the importer reads them. */

/** Where a person finds what a sentence is about. @example "postfix-virtual.cf:12" */
export type Place = string;

/** Something that is not taken over, and why. */
export interface NotTaken {
  readonly place: Place;
  readonly reason: string;
}

export type Report = (place: Place, reason: string) => void;

/** A value with the place where it was written. */
export interface Placed<Value> {
  readonly place: Place;
  readonly value: Value;
}

/** The texts of a folder, by path relative to it with slashes. */
export type SourceFolder = ReadonlyMap<string, string>;

/**
 * A file's lines that say something, with their places: no comments, no empty ones, and without the signs that
 * other systems' editors leave (a byte order mark, CR before LF).
 */
export function linesOf(file: string, folder: SourceFolder): Placed<string>[] {
  const text = folder.get(file) ?? "";
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line, index) => ({ place: `${file}:${index + 1}`, value: line.replace(/\r+$/, "") }))
    .filter(({ value }) => value.trim() !== "" && !value.trimStart().startsWith("#"));
}

/** An address in its two parts, lower case, its domain in A-labels where it is a host name; `undefined` for anything else. */
export function splitAddress(text: string): { readonly local: string; readonly domain: string } | undefined {
  const parts = cut(normalizeAddress(text.trim()));
  if (parts === undefined || [parts.local, parts.domain].some((part) => !/^[^\s@]+$/.test(part)))
    return undefined;
  return parts;
}
