/**
 * Lines for a terminal of a known width. Plain JavaScript, since progress is shown before anything is installed.
 */

/**
 * A line as several, none longer than the terminal is wide. It breaks between words alone: a name, a path or a
 * command stays whole, for people to copy.
 *
 * @param {string} line
 * @param {number} columns the terminal's width; Infinity where there is none, 0 or less where it does not say
 * @param {string} [indent] what each further line begins with
 * @returns {string[]}
 */
export function wrapped(line, columns, indent = "") {
  if (columns <= 0 || line.length <= columns) return [line];
  const lines = [];
  let current = "";
  // Blanks stay with the word after them: those within a line are a table's. A command between backticks is one word.
  for (const word of line.match(/ *(?:[^ `]*`[^`]*`[^ ]*|[^ ]+)/g) ?? []) {
    if (current.trim() !== "" && current.length + word.length > columns) {
      lines.push(current);
      current = indent + word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}

/**
 * A text as {@link wrapped} lines: what a row of a table says continues below its beginning.
 *
 * @param {string} text
 * @param {number} columns
 * @returns {string}
 */
export function wrappedText(text, columns) {
  return text
    .split("\n")
    .flatMap((line) => wrapped(line, columns, " ".repeat(/^ +\S.*? {2,}/.exec(line)?.[0].length ?? 2)))
    .join("\n");
}
