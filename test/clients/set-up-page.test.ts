import { createHash } from "node:crypto";
import { XMLValidator } from "fast-xml-parser";
import encodeQr from "qr";
import decodeQr from "qr/decode.js";
import { describe, expect, test } from "vitest";
import { LARGEST_LOGO, logoUrl, textOn } from "../../clients/brand.ts";
import { devices } from "../../clients/devices.ts";
import { renderErrorPage } from "../../clients/error-page.ts";
import { renderSetUpPage } from "../../clients/set-up-page.ts";
import { languages, setUpTexts } from "../../clients/set-up-text/languages.ts";
import { errorKinds, type SetUpText } from "../../clients/set-up-text/set-up-text.ts";
import { documentHeaders } from "../../servers/web-server/response-headers.ts";
import { bitmap } from "./bitmap.ts";
import { labClients, movedClients } from "./lab.ts";

const { en: english, pt: portuguese } = setUpTexts;
const page = {
  clients: labClients,
  url: "https://mail.vaamonde.pti/",
  isReachable: true,
  ownAuthority: true,
  fingerprint: "c0ffee".repeat(11).slice(2),
  nameServer: "127.0.0.1",
};

const largestBrand = {
  name: "Pão & Cia",
  color: "#ffd23f",
  logo: logoUrl(Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(LARGEST_LOGO - 8)])),
};

/** What a person reads: no tags, no style, one line an element. */
function readable(html: string): string {
  return html
    .replace(/<(style|script|svg)[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .join("\n");
}

describe.each<[string, SetUpText]>(languages.map((language) => [language, setUpTexts[language]]))(
  "%s",
  (_, words) => {
    const html = renderSetUpPage(page, words);

    test("asks for no other file, runs its one script, fits a phone and 30 kB", () => {
      expect(html).not.toMatch(/<(img|link|iframe)|\bsrc=|\bon\w+="|@import|url\(/);
      expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
      const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = ""]) => script);
      const hashes = scripts.map((script) => createHash("sha256").update(script).digest("base64"));
      expect(documentHeaders["Content-Security-Policy"]).toContain(
        `; script-src 'sha256-${hashes.join()}'; `,
      );
      const webmailUrl = "https://webmail.vaamonde.pti/";
      const full = renderSetUpPage(
        { ...page, clients: movedClients, webmailUrl, brand: largestBrand },
        words,
      );
      expect(Buffer.byteLength(full)).toBeLessThan(30_000);
    });

    test("is well-formed, each id once", () => {
      const closed = html
        .replace(/<!doctype html>\n|<script>[\s\S]*?<\/script>/g, "")
        .replace(/<(meta|input|br)\b([^>]*)>/g, "<$1$2/>");
      expect(XMLValidator.validate(closed, { allowBooleanAttributes: true })).toBe(true);
      const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
      expect(ids).toEqual([...new Set(ids)]);
    });

    test("a section for each device, closed, and its programs", () => {
      expect([...html.matchAll(/<details id="([^"]+)">/g)].map(([, id]) => id)).toEqual([...devices]);
      expect([...html.matchAll(/<h4 id="([^"]+)"/g)].map(([, id]) => id)).toMatchObject([
        ...["ios-authority", "ios-apple-mail", "ios-outlook-mobile"],
        ...["android-authority", "android-gmail", "android-k-9", "android-outlook-mobile"],
        ...[
          "windows-authority",
          "windows-outlook",
          "windows-thunderbird",
          "windows-em-client",
          "windows-seamonkey",
        ],
        ...["mac-authority", "mac-apple-mail", "mac-outlook", "mac-thunderbird", "mac-em-client"],
        ...["linux-authority", "linux-thunderbird", "linux-evolution", "linux-seamonkey"],
      ]);
    });

    test("all languages say the same: as many steps, each server, a way to the others", () => {
      const counts = ({ steps }: SetUpText) =>
        Object.entries(steps).map(([id, { steps }]) => [id, steps.length]);
      expect(counts(words)).toEqual(counts(english));
      for (const device of devices)
        expect(words.authority.steps[device]).toHaveLength(english.authority.steps[device].length);
      expect(readable(html)).toContain(page.fingerprint);
      expect(words.names.text("192.0.2.53").split("192.0.2.53")).toHaveLength(3);
      for (const { host, port } of [...labClients.incoming, ...labClients.outgoing]) {
        expect(html).toContain(`<code>${host}</code>`);
        expect(html).toContain(`<code>${port}</code>`);
      }
      for (const language of languages) expect(html).toContain(`<a href="/${language}" hreflang=`);
      expect(html.match(/aria-current="page"/g)).toHaveLength(1);
    });

    test("errors are in it as well", () => {
      for (const kind of errorKinds) {
        const error = renderErrorPage(kind, words);
        expect(error).toContain(`<html lang="${words.language}">`);
        expect(error).toContain(`<h1>`);
        expect(error).not.toContain("<script");
      }
    });
  },
);

test("Portuguese is a Brazilian's", () => {
  const text = readable(renderSetUpPage(page, portuguese));
  for (const sentence of [
    "Primeiro: instale o certificado da autoridade (CA)",
    "Os certificados deste servidor foram emitidos por uma autoridade certificadora própria. Instale o certificado dela e marque-o como confiável para identificar sites e servidores; sem isso aparecem avisos de segurança ou a conexão é recusada.",
    "Na maioria dos programas basta informar nome, endereço e senha; o resto é configurado automaticamente.",
    "Aponte a câmera do celular para este código e abra esta página nele.",
    "as configurações listadas acima",
  ])
    expect(text).toContain(sentence);
});

test("what a person reads", () => {
  expect(readable(renderSetUpPage(page, english))).toMatchInlineSnapshot(`
    "Set up your e-mail: vaamonde.pti
    vaamonde.pti
    English
    Português
    Español
    Deutsch
    Français
    Set up your e-mail
    Most programs need your name, your address and your password, and find the rest by themselves.
    First: install the authority&apos;s certificate (CA)
    The certificates of this server come from a certificate authority of its own. Install that authority&apos;s certificate and trust it to identify sites and servers; otherwise you get security warnings, or no connection.
    Certificate of the authority
    Compare its SHA-256 fingerprint with the one you were given before you trust it: ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffee
    The settings
    E-mail addressyou@vaamonde.pti
    User namethe whole address
    Passwordthe one you were given
    ProtocolServerPortSecurity
    Incoming server
    IMAPimap.vaamonde.pti993SSL/TLS
    POP3pop3.vaamonde.pti995SSL/TLS
    Outgoing server
    SMTPsmtp.vaamonde.pti465SSL/TLS
    SMTPsmtp.vaamonde.pti587STARTTLS
    Step by step
    iPhone and iPad
    Certificate of the authority
    Open the link to the certificate above, on the device itself, and allow the profile.
    Settings, Profile Downloaded, Install. Then General, About, Certificate Trust Settings: turn it on.
    Apple Mail
    Type your address below, on the device itself, and open the profile you receive.
    iPhone and iPad: Settings, Profile Downloaded, Install. Mac: System Settings, General, Device Management.
    Type the password when asked.
    Your address
    Get the profile
    Outlook for phones
    Add Account. Type your address and choose IMAP, then type the settings listed above.
    Android
    Certificate of the authority
    Download the certificate above.
    Settings, Security, Encryption &amp; credentials, Install a certificate, CA certificate: choose the file.
    Gmail for Android
    Settings, Add account, Other. Type your address and choose Personal (IMAP).
    Type the password, and the servers and ports listed above where they differ.
    K-9 Mail, Thunderbird for Android
    Add account. Type your address and choose Next: the settings are found. Type the password.
    Outlook for phones
    Add Account. Type your address and choose IMAP, then type the settings listed above.
    Windows
    Certificate of the authority
    Open the downloaded certificate. Install Certificate, Local Machine, then the store Trusted Root Certification Authorities.
    Firefox and Thunderbird: Settings, Privacy &amp; Security, Certificates, Manage Certificates, Authorities, Import.
    Outlook
    File, Add Account. Type your address and choose Connect.
    Outlook finds the settings and asks for the password. If it asks for the kind of account, choose IMAP.
    The new Outlook asks for the settings listed above.
    MAPI is Exchange&apos;s own protocol and is not offered: here Outlook uses IMAP or POP3.
    Thunderbird
    Menu, New Account, Email. Type your name, your address and your password, and choose Continue.
    Thunderbird finds the settings. Choose IMAP and finish.
    eM Client
    Menu, Accounts, Add Account. Type your address and choose Start Now.
    Type the password. eM Client finds the settings by itself.
    SeaMonkey
    Edit, Mail &amp; Newsgroups Account Settings, Add Account. Type your name and your address.
    Choose IMAP and type the incoming server and the user name listed above, then the outgoing server.
    Afterwards set ports and SSL/TLS as listed, under Server Settings and Outgoing Server.
    Mac
    Certificate of the authority
    Open the downloaded certificate, which adds it to Keychain Access. Open it there, Trust, Always Trust.
    Firefox and Thunderbird: Settings, Privacy &amp; Security, Certificates, Manage Certificates, Authorities, Import.
    Apple Mail
    Type your address below, on the device itself, and open the profile you receive.
    iPhone and iPad: Settings, Profile Downloaded, Install. Mac: System Settings, General, Device Management.
    Type the password when asked.
    Your address
    Get the profile
    Outlook
    File, Add Account. Type your address and choose Connect.
    Outlook finds the settings and asks for the password. If it asks for the kind of account, choose IMAP.
    The new Outlook asks for the settings listed above.
    MAPI is Exchange&apos;s own protocol and is not offered: here Outlook uses IMAP or POP3.
    Thunderbird
    Menu, New Account, Email. Type your name, your address and your password, and choose Continue.
    Thunderbird finds the settings. Choose IMAP and finish.
    eM Client
    Menu, Accounts, Add Account. Type your address and choose Start Now.
    Type the password. eM Client finds the settings by itself.
    Linux
    Certificate of the authority
    On the server&apos;s own machine, npm run trust -- --apply does all of it.
    Debian, Ubuntu: copy it to /usr/local/share/ca-certificates/ with the ending .crt, and run update-ca-certificates as root.
    Fedora: /etc/pki/ca-trust/source/anchors/, Arch: /etc/ca-certificates/trust-source/anchors/; then update-ca-trust.
    Firefox, Thunderbird and Chromium: Settings, Privacy &amp; Security, Manage Certificates, Authorities, Import.
    Thunderbird
    Menu, New Account, Email. Type your name, your address and your password, and choose Continue.
    Thunderbird finds the settings. Choose IMAP and finish.
    Evolution
    File, New, Mail Account. Type your name and your address, and keep the look-up of the settings checked.
    Accept the settings found, and type the password when asked.
    SeaMonkey
    Edit, Mail &amp; Newsgroups Account Settings, Add Account. Type your name and your address.
    Choose IMAP and type the incoming server and the user name listed above, then the outgoing server.
    Afterwards set ports and SSL/TLS as listed, under Server Settings and Outgoing Server.
    If a name is not found
    Only the name server 127.0.0.1 knows the names on this page. On the server&apos;s own machine, npm run names -- --apply lets all programs find them; another device finds them once 127.0.0.1 is its DNS server.
    On a phone
    Point its camera at this code to open this page there. https://mail.vaamonde.pti/"
  `);
});

test("the code leads to the page", () => {
  const html = renderSetUpPage(page, english);
  const path = /<path d="([^"]+)"/.exec(html)?.[1] ?? "";
  expect(encodeQr(page.url, "svg")).toContain(path);
  expect(decodeQr(bitmap(encodeQr(page.url, "raw", { scale: 4 })))).toBe(page.url);
  expect(renderSetUpPage({ ...page, isReachable: false }, english)).not.toContain("<svg");
});

test.each([
  [english, "In the browser"],
  [portuguese, "No navegador"],
])("webmail comes first, where there is one", (words, title) => {
  const withWebmail = renderSetUpPage({ ...page, webmailUrl: "https://webmail.vaamonde.pti/" }, words);
  expect(withWebmail).toContain(`<h2>${title}</h2>`);
  expect(withWebmail).toContain(
    `<a class="button" href="https://webmail.vaamonde.pti/">${words.webmail.button}</a>`,
  );
  expect(withWebmail.indexOf(title)).toBeLessThan(withWebmail.indexOf(words.settings));
  expect(renderSetUpPage(page, words)).not.toContain(title);
});

test("a brand stands in place of the domain, and a page with the largest logo is below 30 kB", () => {
  for (const html of [
    renderSetUpPage({ ...page, clients: movedClients, brand: largestBrand }, setUpTexts.de),
    renderErrorPage("error", english, largestBrand),
  ]) {
    expect(html).toContain("<p>Pão &amp; Cia</p></header>");
    expect(html).toContain("--brand: #ffd23f; --on-brand: #000;");
    expect(html).toContain(`<header><img src="${largestBrand.logo}" alt="">`);
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
  }
});

test("text on a color is what reads better", () => {
  expect(["#000000", "#1d3f72", "#8a1c1c", "#ffd23f", "#ffffff"].map(textOn)).toEqual([
    ...["#fff", "#fff", "#fff", "#000", "#000"],
  ]);
});

test("outside of a lab there is no authority to trust; ports are the published ones", () => {
  const html = renderSetUpPage({ ...page, clients: movedClients, ownAuthority: false }, english);
  expect(html).not.toContain("ca.crt");
  expect(html).not.toContain("authority");
  expect(renderSetUpPage({ ...page, nameServer: undefined }, english)).not.toContain("npm run names");
  expect(html).toContain("<code>2993</code>");
});
