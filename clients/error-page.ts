import type { Brand } from "./brand.ts";
import { renderPage } from "./page-frame.ts";
import type { ErrorKind, SetUpText } from "./set-up-text/set-up-text.ts";
import { escapeXml as text } from "./xml.ts";

/** What a person reads where something cannot be answered. */
export function renderErrorPage(kind: ErrorKind, words: SetUpText, brand?: Brand): string {
  const { title, text: advice } = words.errors[kind];
  return renderPage({
    language: words.language,
    title,
    brand,
    content: `<h1>${text(title)}</h1>\n<p>${text(advice)}</p>\n`,
  });
}
