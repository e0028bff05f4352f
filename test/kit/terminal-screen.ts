import { stripVTControlCharacters } from "node:util";

/**
 * What is left to read on a terminal after a command: the line of progress is drawn over and over, and erased in the end.
 *
 * @param output - what the command has written to it
 */
export function screenOf(output: string): string {
  return output
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => stripVTControlCharacters(line.split("\r\x1b[2K").at(-1) ?? "").trimEnd())
    .join("\n");
}
