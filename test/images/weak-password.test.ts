import { dictionary } from "@zxcvbn-ts/language-common";
import { expect, test } from "vitest";
import { weaknessOf } from "../../images/mail-server/weak-password.mjs";
import { judgedPasswords } from "../kit/judged-passwords.ts";

test("the thousand worst are those of zxcvbn, in the image", async () => {
  const worst = dictionary["passwords-common"].slice(0, 1000);
  expect(new Set(worst).size).toBe(1000);
  await expect(`// The first thousand of zxcvbn's list of passwords that have become public (MIT License, Copyright (c) 2012-2016 Dan Wheeler
// and Dropbox, Inc.), written by \`npx vitest run test/images --update\`.
export default \`${worst.join("\n")}\`;
`).toMatchFileSnapshot(new URL("../../images/mail-server/worst-passwords.mjs", import.meta.url).pathname);
});

test.each(judgedPasswords)("$password, of $names: $weakness", ({ password, names, weakness }) => {
  expect(weaknessOf(password, names)).toBe(weakness);
});

test("twelve characters that are built from nothing known are never weak", () => {
  for (const password of ["839201938475", "xkqjmvhzrtwy", "q7#Wm2!xLp9z", "ключ от дома 7"]) {
    expect(weaknessOf(password, ["ana@example.org", "Ana Lima"])).toBe(undefined);
  }
});

test.each(["a".repeat(256), "ab1!".repeat(64), `${"dragon".repeat(42)}1!xy`, "4n4".repeat(85)])(
  "the longest ones are judged as well: %s",
  (password) => {
    expect(weaknessOf(password, ["ana@example.org"])).toBe("repeated");
  },
);
