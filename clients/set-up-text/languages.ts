import { english } from "./english.ts";
import { french } from "./french.ts";
import { german } from "./german.ts";
import { portuguese } from "./portuguese.ts";
import type { SetUpText } from "./set-up-text.ts";
import { spanish } from "./spanish.ts";

/** By the path at which the page is in that language; the first is for those who ask for none of them. */
export const setUpTexts = {
  en: english,
  pt: portuguese,
  es: spanish,
  de: german,
  fr: french,
} as const satisfies Readonly<Record<string, SetUpText>>;
export type Language = keyof typeof setUpTexts;
export const languages = Object.keys(setUpTexts) as Language[];
