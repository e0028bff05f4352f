/**
 * The one place from which anything is written to a terminal: what comes from other servers, files and people must not
 * reach it as commands. Plain JavaScript, since it is needed before anything is installed.
 */
import { shown } from "../naming/unseen.mjs";
import { wrappedText } from "../naming/wrapped.mjs";

// Whoever reads may have seen enough (`… | head`): the work still comes to its own end, and so does what it has started.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (!("code" in error) || error.code !== "EPIPE") throw error;
  });
}

/**
 * A command's result, on standard output.
 *
 * @param {string} text
 */
export function print(text) {
  process.stdout.write(shown(text));
}

/**
 * A result that people read: a terminal's lines end between words. What a program may read is {@link print}ed.
 *
 * @param {string} text
 */
export function printForPeople(text) {
  const { isTTY, columns } = process.stdout;
  print(isTTY ? wrappedText(text, columns) : text);
}

/**
 * What is said about the work, on standard error.
 *
 * @param {string} text
 */
export function printError(text) {
  process.stderr.write(shown(text));
}

/**
 * What a program prints exactly as it is: a password, which would be another one, or colours of our own. Never for text
 * that has come from elsewhere.
 *
 * @param {string} text
 */
export function printExactly(text) {
  process.stdout.write(text);
}
