/**
 * Which passwords an attacker tries first. The one rule for all of them: a stack file's are judged by Node.js, those that
 * users choose by QuickJS in the mail server's image.
 *
 * A password is cut into parts so that it is worth as few bits as possible. One that is not built from anything known is worth
 * at least as much as twelve random digits, and never refused; less than that is weak.
 */
import worst from "./worst-passwords.mjs";

/** What twelve random digits are worth, counted as below. */
const ENOUGH_BITS = 36;

/** What a letter and any other character are worth where nothing is known of them. */
const LETTER_BITS = 5;
const OTHER_BITS = 3;

/** What a known part is worth, however long it is. */
const NAME_BITS = 3;
const SEQUENCE_BITS = 4;
const YEAR_BITS = 6;
const WORST_BITS = 10;
/** How often a part is repeated; the part itself counts once. */
const REPEAT_BITS = 2;

/** What people write in a letter's place. */
const SUBSTITUTES = {
  0: "o",
  1: "il",
  2: "z",
  3: "e",
  4: "a",
  5: "s",
  6: "g",
  7: "t",
  8: "b",
  9: "g",
  "@": "a",
  $: "s",
  "!": "il",
  "|": "il",
  "+": "t",
  "(": "c",
  "€": "e",
};

/** The alphabet, the digits, and the rows and columns of keyboards; each is read backwards as well. */
const ROWS = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "asdfghjkl",
  "qsdfghjklm",
  "zxcvbnm",
  "yxcvbnm",
  "wxcvbn",
  "1qaz",
  "2wsx",
  "3edc",
  "4rfv",
  "5tgb",
  "6yhn",
  "7ujm",
  "!@#$%^&*()",
];
const sequences = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);

/** By their first letter. */
const words = Map.groupBy(
  worst.split("\n").filter((word) => word.length > 3),
  (word) => word[0] ?? "",
);

/** @typedef {"worst" | "sequence" | "repeated" | "name"} Weakness */
/** @typedef {{ readonly length: number, readonly bits: number, readonly weakness?: Weakness }} Part */

/** Why, in the words that its user reads. */
export const weaknesses = /** @type {const} */ ({
  worst: "is built from one of the thousand worst passwords",
  sequence: "is built from a sequence, such as 1234, abcd or qwerty",
  repeated: "is built from one part that is repeated",
  name: "is built from the user's or the domain's name",
});

/**
 * What a password is built from that makes it weak; undefined where it is not.
 *
 * @param {string} password
 * @param {readonly string[]} names - the user's and the domain's: address, display name.
 * @returns {Weakness | undefined}
 */
export function weaknessOf(password, names) {
  const text = fold(password);
  const known = nameParts(names);
  const { bits, covered } = cheapest(text, (at) => knownParts(text, at, known));
  if (bits >= ENOUGH_BITS) return undefined;
  // The one that explains most of it.
  return [...covered].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/**
 * @param {string} text
 * @returns {string} as one reads it: lower case, and letters without their marks.
 */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * @param {readonly string[]} names
 * @returns {string[]} whole, without what is between their words, and word by word.
 */
function nameParts(names) {
  const parts = names.map(fold).flatMap((name) => {
    const single = name.split(/[^\p{L}\p{N}]+/u);
    return [name, single.join(""), ...single];
  });
  return [...new Set(parts)].filter((part) => part.length > 2);
}

/**
 * The parts by which the text is worth least.
 *
 * @param {string} text
 * @param {(at: number) => readonly Part[]} partsAt
 */
function cheapest(text, partsAt) {
  /** @type {{ bits: number, covered: ReadonlyMap<Weakness, number> }[]} */
  const best = [{ bits: 0, covered: new Map() }];
  for (let at = 0; at < text.length; at += 1) {
    const here = best[at];
    if (here === undefined) continue;
    for (const { length, bits, weakness } of [plainPart(text, at), ...partsAt(at)]) {
      const sum = here.bits + bits;
      if (sum >= (best[at + length]?.bits ?? Number.POSITIVE_INFINITY)) continue;
      const covered = new Map(here.covered);
      if (weakness !== undefined) covered.set(weakness, (covered.get(weakness) ?? 0) + length);
      best[at + length] = { bits: sum, covered };
    }
  }
  return best[text.length] ?? { bits: 0, covered: new Map() };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Part}
 */
function plainPart(text, at) {
  return { length: 1, bits: /\p{L}/u.test(text[at] ?? "") ? LETTER_BITS : OTHER_BITS };
}

/**
 * @param {string} text
 * @param {number} at
 * @param {readonly string[]} names
 * @returns {Part[]}
 */
function knownParts(text, at, names) {
  return [...wordParts(text, at, names), ...repeatedParts(text, at, names)];
}

/**
 * @param {string} text
 * @param {number} at
 * @param {readonly string[]} names
 * @returns {Part[]}
 */
function wordParts(text, at, names) {
  /** @type {Part[]} */
  const parts = [];
  for (const name of names) {
    if (reads(text, at, name)) parts.push({ length: name.length, bits: NAME_BITS, weakness: "name" });
  }
  const first = text[at] ?? "";
  for (const letter of [first, ...substitutesOf(first)]) {
    for (const word of words.get(letter) ?? []) {
      if (reads(text, at, word)) parts.push({ length: word.length, bits: WORST_BITS, weakness: "worst" });
    }
  }
  for (const sequence of sequences) {
    const length = runLength(text, at, sequence);
    if (length > 2) parts.push({ length, bits: SEQUENCE_BITS, weakness: "sequence" });
  }
  if (/^(?:19|20)\d\d/.test(text.slice(at, at + 4))) parts.push({ length: 4, bits: YEAR_BITS });
  return parts;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} word
 */
function reads(text, at, word) {
  for (let n = 0; n < word.length; n += 1) {
    const written = text[at + n] ?? "";
    const meant = word[n] ?? "";
    if (written !== meant && !substitutesOf(written).includes(meant)) return false;
  }
  return true;
}

/**
 * @param {string} written
 * @returns {string}
 */
function substitutesOf(written) {
  return Object.hasOwn(SUBSTITUTES, written)
    ? SUBSTITUTES[/** @type {keyof typeof SUBSTITUTES} */ (written)]
    : "";
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} sequence
 */
function runLength(text, at, sequence) {
  const start = sequence.indexOf(text[at] ?? "");
  if (start < 0) return 0;
  let length = 1;
  while (start + length < sequence.length && text[at + length] === sequence[start + length]) length += 1;
  return length;
}

/**
 * From here on the same again, at least once and as far as it reaches: what is repeated counts once, as what it is built from.
 *
 * @param {string} text
 * @param {number} at
 * @param {readonly string[]} names
 * @returns {Part[]}
 */
function repeatedParts(text, at, names) {
  /** @type {Part[]} */
  const parts = [];
  let longest = 2;
  for (let unit = 1; at + Math.max(2 * unit, longest + 1) <= text.length; unit += 1) {
    let end = at + unit;
    while (end < text.length && text[end] === text[end - unit]) end += 1;
    const length = end - at;
    // What a shorter one reaches as far, it is worth as little.
    if (length < 2 * unit || length <= longest) continue;
    longest = length;
    const once = text.slice(at, at + unit);
    const { bits } = cheapest(once, (place) => wordParts(once, place, names));
    parts.push({ length, bits: bits + REPEAT_BITS, weakness: "repeated" });
  }
  return parts;
}
