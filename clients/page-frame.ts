import { createHash } from "node:crypto";
import { type Brand, defaultColor, textOn } from "./brand.ts";
import { escapeXml as text } from "./xml.ts";

/** What every page of the web server has around its content. */
export interface PageFrame {
  /** BCP 47. */
  readonly language: string;
  readonly title: string;
  /** Whose mail it is, in the band above the content. @default the brand's name, or no band */
  readonly owner?: string | undefined;
  readonly brand?: Brand | undefined;
  /** HTML. */
  readonly content: string;
  /** Whether {@link copyScript} is part of it. @default false */
  readonly copies?: boolean;
}

/** A page that asks for no other file. */
export function renderPage({
  language,
  title,
  brand = {},
  content,
  copies = false,
  ...frame
}: PageFrame): string {
  const { name: owner = frame.owner, color = defaultColor, logo } = brand;
  const heading = text(owner === undefined ? title : `${title}: ${owner}`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${heading}</title>
<style>
${style}:root { --brand: ${color}; --on-brand: ${textOn(color)}; }
</style>
</head>
<body>
${band(owner, logo)}<main>
${content}</main>
${copies ? `<script>${copyScript}</script>\n` : ""}</body>
</html>
`;
}

function band(owner: string | undefined, logo: string | undefined): string {
  if (owner === undefined && logo === undefined) return "";
  const picture = logo === undefined ? "" : `<img src="${logo}" alt="">`;
  return `<header>${picture}${owner === undefined ? "" : `<p>${text(owner)}</p>`}</header>\n`;
}

/**
 * Adds a button to each server's name, for those who let scripts run; one click or tap on a value selects it whole for everybody.
 * It is the one script that the pages' policy lets run, by its hash.
 */
const copyScript = `
if (navigator.clipboard) for (const value of document.querySelectorAll("td:nth-child(2) code")) {
  const { copy, copied } = document.querySelector("main > [data-copy]").dataset;
  const button = document.createElement("button");
  const say = (word) => { button.textContent = word; button.ariaLabel = word + ": " + value.textContent; };
  say(copy);
  button.type = "button";
  button.onclick = () => navigator.clipboard.writeText(value.textContent).then(() => {
    say(copied);
    setTimeout(say, 2000, copy);
  });
  value.after(" ", button);
}
`;

/** The script as a source of a Content Security Policy (CSP level 3 section 2.3.1). */
export const copyScriptSource = `'sha256-${createHash("sha256").update(copyScript).digest("base64")}'`;

/** Contrast of text is 7:1 and more in both schemes, as axe measures it. */
const style = `:root { color-scheme: light dark; font: 100%/1.5 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif; --page: #f4f5f7; --card: #fff; --text: #1b1f24; --line: #d3d8de; --quiet: #49525c; --link: #0b4fa8; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1e2227; --text: #e8eaed; --line: #3a4149; --quiet: #b4bcc5; --link: #9cc4ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); }
header { display: flex; align-items: center; gap: .75rem; background: var(--brand); color: var(--on-brand); }
header img { height: 3rem; max-width: 40%; padding: .25rem; background: #fff; border-radius: .375rem; object-fit: contain; }
header p { margin: 0; font-size: 1.25rem; font-weight: 600; }
header, main { padding: 1rem max(1rem, calc(50% - 22rem)); overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0; padding: 0; list-style: none; font-size: .875rem; }
nav a { display: inline-block; padding: .25rem 0; }
nav [aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0 .5rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .5rem; }
h3 { font-size: 1.0625rem; display: inline; }
h4 { font-size: 1rem; margin: 1rem 0 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
p { margin: .5rem 0; }
a { color: var(--link); }
ol { margin: .25rem 0; padding-left: 1.5rem; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .375rem .5rem .375rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; }
thead th { color: var(--quiet); font-size: .875rem; font-weight: 400; overflow-wrap: normal; border: 0; }
code { font: 1em ui-monospace, monospace; user-select: all; -webkit-user-select: all; }
details { border-top: 1px solid var(--line); padding: .25rem 0; }
summary { cursor: pointer; padding: .5rem 0; }
input, button, .button { font: inherit; padding: .5rem .75rem; max-width: 100%; border: 1px solid var(--quiet); border-radius: .375rem; background: var(--card); color: inherit; }
input { width: 22rem; }
.button, form button { display: inline-block; background: var(--brand); color: var(--on-brand); font-weight: 600; text-decoration: none; cursor: pointer; }
td button { padding: 0 .375rem; font-size: .8125rem; cursor: pointer; white-space: nowrap; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
svg { display: block; width: 11rem; max-width: 100%; height: auto; background: #fff; fill: #000; }
td { overflow-wrap: normal; }
td:nth-child(2) { overflow-wrap: anywhere; }
@media (max-width: 30rem) { header, main, section { padding: .75rem; } table { font-size: .875rem; } thead th { font-size: .75rem; } th, td { padding-right: .25rem; } }
`;
