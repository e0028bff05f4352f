/** A stack file as YAML, and how a place in it is given. */
import { LineCounter, parseDocument } from "yaml";

/** A place in a stack file, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Mistake extends Position {
  readonly cause: string;
}

/** A stack file's text and its tree, which is made once: with thousands of mailboxes that takes a second. */
export interface ReadYaml {
  readonly lines: readonly string[];
  readonly document: ReturnType<typeof parseDocument>;
  readonly counter: LineCounter;
}

/** Reads a text, whatever is wrong with it. */
export function readYaml(text: string): ReadYaml {
  const counter = new LineCounter();
  return { lines: text.split("\n"), document: parseDocument(text, { lineCounter: counter }), counter };
}
