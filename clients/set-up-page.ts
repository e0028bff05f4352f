import encodeQr from "qr";
import type { ClientDescription } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";
import type { ClientText, SetUpText } from "./set-up-text.ts";
import { escapeXml as text } from "./xml.ts";

export interface SetUpPage {
  readonly clients: ClientDescription;
  /** Where the page is. @example "https://mail.vaamonde.pti/" */
  readonly url: string;
  /** Whether there is an authority that clients must be configured to trust, as in a lab. */
  readonly ownAuthority: boolean;
  /** Where webmail is. @default there is none */
  readonly webmailUrl?: string | undefined;
}

/** Everything that a person needs for setting up a client: HTML that asks for no other file and no script. */
export function renderSetUpPage(
  { clients, url, ownAuthority, webmailUrl }: SetUpPage,
  words: SetUpText,
): string {
  const { domain } = clients;
  const { otherLanguage, phone } = words;
  const title = text(words.title(domain));
  return `<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
${style}</style>
</head>
<body>
<main>
<p><a href="${otherLanguage.path}" hreflang="${otherLanguage.language}" lang="${otherLanguage.language}">${text(otherLanguage.label)}</a></p>
<h1>${title}</h1>
<p>${text(words.lead)}</p>
${ownAuthority ? authoritySection(words) : ""}${webmailUrl === undefined ? "" : webmailSection(webmailUrl, words)}<section>
<h2>${text(words.settings)}</h2>
${settingsTable(clients, words)}</section>
<section>
<h2>${text(words.programs)}</h2>
${words.clients.map((client) => clientSection(client, domain, words)).join("")}</section>
<section>
<h2>${text(phone.title)}</h2>
<p>${text(phone.text)} <a href="${text(url)}">${text(url)}</a></p>
${encodeQr(url, "svg").replace("<svg ", `<svg role="img" aria-label="${text(phone.code)}" `)}
</section>
</main>
</body>
</html>
`;
}

const style = `:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 42rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin-bottom: 0; }
ol { margin-top: .25rem; padding-left: 1.5rem; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: 0; }
code { font: 1em ui-monospace, monospace; }
input, button { font: inherit; padding: .5rem; max-width: 100%; box-sizing: border-box; }
svg { width: 12rem; max-width: 100%; height: auto; background: #fff; fill: #000; }
`;

function authoritySection({ authority }: SetUpText): string {
  return `<section>
<h2>${text(authority.title)}</h2>
<p>${text(authority.text)}</p>
<p><a href="/ca.crt" download>${text(authority.link)}</a></p>
</section>
`;
}

function webmailSection(url: string, { webmail }: SetUpText): string {
  return `<section>
<h2>${text(webmail.title)}</h2>
<p>${text(webmail.text)} <a href="${text(url)}">${text(url)}</a></p>
</section>
`;
}

function settingsTable({ domain, incoming, outgoing }: ClientDescription, { rows }: SetUpText): string {
  const servers = (settings: readonly ServerSetting[]): string[] =>
    settings.map(
      ({ protocol, host, port, security }) =>
        `${protocol} <code>${text(host)}</code>, ${text(rows.port)} <code>${port}</code>, ${securityNames[security]}`,
    );
  const entries: [string, string[]][] = [
    [rows.address, [`<code>${text(rows.addressValue(domain))}</code>`]],
    [rows.userName, [text(rows.userNameValue)]],
    [rows.password, [text(rows.passwordValue)]],
    [rows.incoming, servers(incoming)],
    [rows.outgoing, servers(outgoing)],
  ];
  const lines = entries.map(
    ([label, values]) => `<dt>${text(label)}</dt>\n${values.map((value) => `<dd>${value}</dd>\n`).join("")}`,
  );
  return `<dl>\n${lines.join("")}</dl>\n`;
}

/** As clients call it. */
const securityNames = { TLS: "SSL/TLS", STARTTLS: "STARTTLS" } as const;

function clientSection({ id, name, steps, profile }: ClientText, domain: string, words: SetUpText): string {
  const form = profile === true ? profileForm(domain, words) : "";
  return `<h3 id="${id}">${text(name)}</h3>
<ol>
${steps.map((step) => `<li>${text(step)}</li>\n`).join("")}</ol>
${form}`;
}

function profileForm(domain: string, { profile, rows }: SetUpText): string {
  return `<form action="/profile.mobileconfig" method="get">
<p><label for="address">${text(profile.label)}</label><br>
<input id="address" name="address" type="email" autocomplete="email" placeholder="${text(rows.addressValue(domain))}" required></p>
<p><button>${text(profile.button)}</button></p>
</form>
`;
}
