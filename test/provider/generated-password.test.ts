import { expect, test } from "vitest";
import { generatePassword } from "../../provider/generated-password.ts";

const made = Array.from({ length: 2000 }, generatePassword);

test("is easy to read from paper and to type", () => {
  for (const password of made) {
    expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(?:-[a-hjkmnp-z2-9]{5}){3}$/);
  }
});

test("never repeats, and uses every character about as often", () => {
  expect(new Set(made).size).toBe(made.length);
  const counts = new Map<string, number>();
  for (const character of made.join("").replaceAll("-", "")) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect(counts.size).toBe(31);
  // 40,000 characters: 1290 of each expected, with a standard deviation of 35; eight of them never happen.
  for (const count of counts.values()) expect(Math.abs(count - 40_000 / 31)).toBeLessThan(8 * 36);
});
