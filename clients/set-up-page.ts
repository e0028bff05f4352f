import encodeQr from "qr";
import type { Brand } from "./brand.ts";
import type { ClientDescription } from "./description.ts";
import { type Device, devices, programsOf } from "./devices.ts";
import { renderPage } from "./page-frame.ts";
import type { ServerSetting } from "./server-setting.ts";
import { languages, setUpTexts } from "./set-up-text/languages.ts";
import type { SetUpText } from "./set-up-text/set-up-text.ts";
import { escapeXml as text } from "./xml.ts";

export interface SetUpPage {
  readonly clients: ClientDescription;
  /** Where the page is. @example "https://mail.vaamonde.pti/" */
  readonly url: string;
  /** Whether a phone can open that, so that its code helps anybody. */
  readonly isReachable: boolean;
  /** Whether there is an authority that clients must be configured to trust, as in a lab. */
  readonly ownAuthority: boolean;
  /** The SHA-256 fingerprint of its certificate. @default not shown */
  readonly fingerprint?: string | undefined;
  /** The only server that knows the names, as in a lab. @default the world knows them @example "127.0.0.1" */
  readonly nameServer?: string | undefined;
  /** Where webmail is. @default there is none */
  readonly webmailUrl?: string | undefined;
  /** @default the domain's own name */
  readonly brand?: Brand | undefined;
}

/**
 * Everything that a person needs for setting up a client: HTML that asks for no other file, and needs no script. The web
 * server puts the section of the reader's own device first and opens it.
 */
export function renderSetUpPage(page: SetUpPage, words: SetUpText): string {
  const { clients, ownAuthority, webmailUrl, isReachable } = page;
  const { domain } = clients;
  return renderPage({
    language: words.language,
    title: words.title,
    owner: domain,
    brand: page.brand,
    copies: true,
    content: `${languageLinks(words)}<h1>${text(words.title)}</h1>
<p>${text(words.lead)}</p>
${ownAuthority ? authoritySection(page.fingerprint, words) : ""}${webmailUrl === undefined ? "" : webmailSection(webmailUrl, words)}<section data-copy="${text(words.copy.button)}" data-copied="${text(words.copy.done)}">
<h2>${text(words.settings)}</h2>
${accountTable(domain, words)}${serverTable(clients, words)}</section>
<section>
<h2>${text(words.programs)}</h2>
${devices.map((device) => deviceSection(device, page, words)).join("")}</section>
${page.nameServer === undefined ? "" : namesSection(page.nameServer, words)}${isReachable ? phoneSection(page.url, words) : ""}`,
  });
}

function languageLinks(words: SetUpText): string {
  const items = languages.map((path) => {
    const { language, languageName } = setUpTexts[path];
    const current = language === words.language ? ' aria-current="page"' : "";
    return `<li><a href="/${path}" hreflang="${language}" lang="${language}"${current}>${languageName}</a></li>\n`;
  });
  return `<nav aria-label="${text(words.languages)}">\n<ul>\n${items.join("")}</ul>\n</nav>\n`;
}

function namesSection(nameServer: string, { names }: SetUpText): string {
  return `<section>
<h2>${text(names.title)}</h2>
<p>${text(names.text(nameServer))}</p>
</section>
`;
}

function authoritySection(fingerprint: string | undefined, { authority }: SetUpText): string {
  return `<section>
<h2>${text(authority.title)}</h2>
<p>${text(authority.text)}</p>
<p><a href="/ca.crt" download>${text(authority.link)}</a></p>
${fingerprint === undefined ? "" : `<p>${text(authority.fingerprint)} <code>${fingerprint}</code></p>\n`}</section>
`;
}

function webmailSection(url: string, { webmail }: SetUpText): string {
  return `<section>
<h2>${text(webmail.title)}</h2>
<p>${text(webmail.text)}</p>
<p><a class="button" href="${text(url)}">${text(webmail.button)}</a></p>
</section>
`;
}

function accountTable(domain: string, { rows }: SetUpText): string {
  return `<table>
<tr><th scope="row">${text(rows.address)}</th><td>${text(`${rows.you}@${domain}`)}</td></tr>
<tr><th scope="row">${text(rows.userName)}</th><td>${text(rows.userNameValue)}</td></tr>
<tr><th scope="row">${text(rows.password)}</th><td>${text(rows.passwordValue)}</td></tr>
</table>
`;
}

function serverTable({ incoming, outgoing }: ClientDescription, { rows }: SetUpText): string {
  const group = (label: string, settings: readonly ServerSetting[]): string =>
    `<tbody>
<tr><th scope="rowgroup" colspan="4">${text(label)}</th></tr>
${settings.map(serverRow).join("")}</tbody>
`;
  const columns = [rows.protocol, rows.server, rows.port, rows.security];
  return `<table>
<thead>
<tr>${columns.map((label) => `<th scope="col">${text(label)}</th>`).join("")}</tr>
</thead>
${group(rows.incoming, incoming)}${group(rows.outgoing, outgoing)}</table>
`;
}

function serverRow({ protocol, host, port, security }: ServerSetting): string {
  return `<tr><td>${protocol}</td><td><code>${text(host)}</code></td><td><code>${port}</code></td><td>${securityNames[security]}</td></tr>\n`;
}

/** As clients call it. */
const securityNames = { TLS: "SSL/TLS", STARTTLS: "STARTTLS" } as const;

/** The web server looks for it by its first line, and for its end. */
function deviceSection(
  device: Device,
  { clients: { domain }, ownAuthority }: SetUpPage,
  words: SetUpText,
): string {
  const { link, steps } = words.authority;
  const trust = ownAuthority ? programSection(`${device}-authority`, link, steps[device]) : "";
  const programs = programsOf[device].map((program) => {
    const { name, steps } = words.steps[program];
    const form = program === "apple-mail" ? profileForm(`${device}-address`, domain, words) : "";
    return programSection(`${device}-${program}`, name, steps) + form;
  });
  return `<details id="${device}">
<summary><h3>${text(words.devices[device])}</h3></summary>
${trust}${programs.join("")}</details>
`;
}

function programSection(id: string, name: string, steps: readonly string[]): string {
  return `<h4 id="${id}">${text(name)}</h4>
<ol>
${steps.map((step) => `<li>${text(step)}</li>\n`).join("")}</ol>
`;
}

function profileForm(id: string, domain: string, { profile, rows }: SetUpText): string {
  return `<form action="/profile.mobileconfig" method="get">
<p><label for="${id}">${text(profile.label)}</label><br>
<input id="${id}" name="address" type="email" autocomplete="email" placeholder="${text(`${rows.you}@${domain}`)}" required></p>
<p><button>${text(profile.button)}</button></p>
</form>
`;
}

function phoneSection(url: string, { phone }: SetUpText): string {
  return `<section>
<h2>${text(phone.title)}</h2>
<p>${text(phone.text)} <a href="${text(url)}">${text(url)}</a></p>
${encodeQr(url, "svg").replace("<svg ", `<svg role="img" aria-label="${text(phone.code)}" `)}
</section>
`;
}
