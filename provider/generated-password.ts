import { randomInt } from "node:crypto";

// Without 0, 1, i, l and o, which are easily taken for one another when a password is typed from paper.
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A new password: four groups of five characters, 20 × log2(31) = 99 bits. */
export function generatePassword(): string {
  return Array.from({ length: GROUPS }, generateGroup).join("-");
}

function generateGroup(): string {
  return Array.from({ length: GROUP_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join("");
}
