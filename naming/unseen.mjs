/**
 * Characters that nobody sees, or that change how the text around them is shown: controls (ESC starts a terminal's
 * commands), bidirectional overrides and isolates, zero-width and tag characters. Plain JavaScript, since texts are
 * printed before anything is installed.
 */

/** Surrogates without their other half, line separators and interlinear annotation do not belong in a line either. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}]/v.source;

/** Those of Indic scripts, whose canonical combining class is 9. */
const VIRAMA =
  "[\\u{94D}\\u{9CD}\\u{A4D}\\u{ACD}\\u{B4D}\\u{BCD}\\u{C4D}\\u{CCD}\\u{D3B}\\u{D3C}\\u{D4D}\\u{DCA}\\u{1039}\\u{17D2}]";
/** Letters that join the next one (Joining_Type D): after others a non-joiner would change nothing that anybody sees. */
const JOINING =
  "[[\\p{Script=Arabic}&&\\p{L}]--[\\u{621}-\\u{625}\\u{627}\\u{629}\\u{62F}-\\u{632}\\u{648}\\u{671}-\\u{677}\\u{688}-\\u{699}\\u{6C0}\\u{6C3}-\\u{6CB}\\u{6CD}\\u{6CF}\\u{6D2}\\u{6D3}\\u{6D5}\\u{6EE}\\u{6EF}]]";

/**
 * What the same characters are needed for in names, by UTS 39 section 3.1.1 and RFC 5892 appendix A: joiners after a
 * virama, the non-joiner between letters that would join (Persian), emoji, and variants of Han characters.
 */
const NEEDED = [
  `(?<=${VIRAMA})[\\u{200C}\\u{200D}]`,
  `(?<=${JOINING}\\p{Mn}*)\\u{200C}(?=\\p{Mn}*[\\p{Script=Arabic}&&\\p{L}])`,
  "(?<=\\p{Extended_Pictographic}[\\u{FE0F}\\p{Emoji_Modifier}]?)\\u{200D}(?=\\p{Extended_Pictographic})",
  "(?<=\\p{Emoji})[\\u{FE0E}\\u{FE0F}]",
  "(?<=\\p{Script=Han})[\\u{E0100}-\\u{E01EF}]",
].join("|");

const unseen = new RegExp(`(?!${NEEDED})${UNSEEN}`, "gv");

/**
 * @param {string} text
 * @returns {string | undefined} the first such character, as Unicode names it @example "U+202E"
 */
export function unseenIn(text) {
  const [character] = text.match(unseen) ?? [];
  return character?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0").replace(/^/, "U+");
}

/**
 * A text of several lines for people, with each such character written out as JSON and most programming languages do,
 * so that JSON stays what it means.
 *
 * @param {string} text
 * @returns {string}
 */
export function shown(text) {
  return text.replace(unseen, (character) =>
    character === "\n" || character === "\t" ? character : writtenOut(character),
  );
}

/**
 * The same in one line: nobody's text gets lines of its own, in which it could pass for ours.
 *
 * @param {string} text
 * @returns {string}
 */
export function shownInLine(text) {
  return text.replace(unseen, writtenOut);
}

/**
 * @param {string} character
 * @returns {string}
 */
function writtenOut(character) {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
