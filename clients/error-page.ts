import type { Brand } from "./brand.ts";
import { renderPage } from "./page-frame.ts";
import type { ErrorKind, SetUpText } from "./set-up-text/set-up-text.ts";
import { escapeXml as text } from "./xml.ts";

/** Stands in an error page for {@link renderPageLink}, which the web server puts there: it knows whose page is asked for. */
export const pageLinkMarker = "<!--page-->";

/** Leads to the domain's set-up page. @param url - escaped for HTML */
export function renderPageLink(url: string, words: SetUpText): string {
  return `<p><a href="${url}">${text(words.title)}</a></p>`;
}

/** What a person reads where something cannot be answered. */
export function renderErrorPage(kind: ErrorKind, words: SetUpText, brand?: Brand): string {
  const { title, text: advice } = words.errors[kind];
  return renderPage({
    language: words.language,
    title,
    brand,
    content: `<h1>${text(title)}</h1>\n<p>${text(advice)}</p>\n${pageLinkMarker}\n`,
  });
}
