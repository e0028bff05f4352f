import { XMLValidator } from "fast-xml-parser";
import encodeQr from "qr";
import decodeQr from "qr/decode.js";
import { describe, expect, test } from "vitest";
import { renderSetUpPage } from "../../clients/set-up-page.ts";
import { english, portuguese, type SetUpText } from "../../clients/set-up-text.ts";
import { bitmap } from "./bitmap.ts";
import { labClients, movedClients } from "./lab.ts";

const page = { clients: labClients, url: "https://mail.vaamonde.pti/", ownAuthority: true };

/** What a person reads: no tags, no style, one line an element. */
function readable(html: string): string {
  return html
    .replace(/<(style|svg)[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .join("\n");
}

describe.each<[string, SetUpText]>([
  ["in English", english],
  ["in Portuguese", portuguese],
])("%s", (_, words) => {
  const html = renderSetUpPage(page, words);

  test("asks for no other file and no script, and fits a phone", () => {
    expect(html).not.toMatch(/<(script|img|link|iframe)|\bsrc=|\bon\w+=|@import|url\(/);
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  });

  test("is well-formed, each id once", () => {
    const closed = html.replace("<!doctype html>\n", "").replace(/<(meta|input|br)\b([^>]*)>/g, "<$1$2/>");
    expect(XMLValidator.validate(closed, { allowBooleanAttributes: true })).toBe(true);
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test("has a section for each client of the document, and no more", () => {
    expect([...html.matchAll(/<h3 id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
      "outlook",
      "thunderbird",
      "evolution",
      "seamonkey",
      "em-client",
      "apple-mail",
      "gmail",
      "k-9",
    ]);
  });

  test("both languages say the same: as many steps, each server", () => {
    const counts = (text: SetUpText) => text.clients.map(({ id, steps }) => `${id} ${steps.length}`);
    expect(counts(words)).toEqual(counts(english));
    for (const { host, port } of [...labClients.incoming, ...labClients.outgoing]) {
      expect(html).toContain(`<code>${host}</code>`);
      expect(html).toContain(`<code>${port}</code>`);
    }
  });
});

test("what a person reads", () => {
  expect(readable(renderSetUpPage(page, english))).toMatchInlineSnapshot(`
    "Mail of vaamonde.pti: set up your program
    Em português
    Mail of vaamonde.pti: set up your program
    Most programs need your name, your address and your password, and find the rest by themselves.
    First: trust the servers&apos; authority
    The servers&apos; certificate comes from an authority of their own. Import that authority&apos;s certificate into your system or program and trust it to identify servers; otherwise you get warnings, or no connection.
    Certificate of the authority
    The settings
    E-mail address
    you@vaamonde.pti
    User name
    the whole address
    Password
    the one you were given
    Incoming server
    IMAP imap.vaamonde.pti, port 993, SSL/TLS
    POP3 pop3.vaamonde.pti, port 995, SSL/TLS
    Outgoing server
    SMTP smtp.vaamonde.pti, port 465, SSL/TLS
    SMTP smtp.vaamonde.pti, port 587, STARTTLS
    Step by step
    Outlook
    File, Add Account. Type your address and choose Connect.
    Outlook finds the settings and asks for the password. If it asks for the kind of account, choose IMAP.
    The new Outlook and the one for phones ask for the settings in the table above.
    MAPI is Exchange&apos;s own protocol and is not offered: here Outlook uses IMAP or POP3.
    Thunderbird
    Menu, New Account, Email. Type your name, your address and your password, and choose Continue.
    Thunderbird finds the settings. Choose IMAP and finish.
    Evolution
    File, New, Mail Account. Type your name and your address, and keep the look-up of the settings checked.
    Accept the settings found, and type the password when asked.
    SeaMonkey
    Edit, Mail &amp; Newsgroups Account Settings, Add Account. Type your name and your address.
    Choose IMAP and type the incoming server and the user name of the table above, then the outgoing server.
    Afterwards set ports and SSL/TLS as in the table, under Server Settings and Outgoing Server.
    eM Client
    Menu, Accounts, Add Account. Type your address and choose Start Now.
    Type the password. eM Client finds the settings by itself.
    Apple Mail
    Type your address below, on the device itself, and open the profile you receive.
    iPhone and iPad: Settings, Profile Downloaded, Install. Mac: System Settings, General, Device Management.
    Type the password when asked.
    Your address
    Get the profile
    Gmail for Android
    Settings, Add account, Other. Type your address and choose Personal (IMAP).
    Type the password, and the servers and ports of the table above where they differ.
    K-9 Mail, Thunderbird for Android
    Add account. Type your address and choose Next: the settings are found. Type the password.
    On a phone
    Point its camera at this code to open this page there. https://mail.vaamonde.pti/"
  `);
});

test("the code leads to the page", () => {
  const html = renderSetUpPage(page, english);
  const path = /<path d="([^"]+)"/.exec(html)?.[1] ?? "";
  expect(encodeQr(page.url, "svg")).toContain(path);
  expect(decodeQr(bitmap(encodeQr(page.url, "raw", { scale: 4 })))).toBe(page.url);
});

test.each([
  [english, "In the browser"],
  [portuguese, "No navegador"],
])("webmail comes first, where there is one", (words, title) => {
  const withWebmail = renderSetUpPage({ ...page, webmailUrl: "https://webmail.vaamonde.pti/" }, words);
  expect(withWebmail).toContain(`<h2>${title}</h2>`);
  expect(withWebmail).toContain('<a href="https://webmail.vaamonde.pti/">https://webmail.vaamonde.pti/</a>');
  expect(withWebmail.indexOf(title)).toBeLessThan(withWebmail.indexOf(words.settings));
  expect(renderSetUpPage(page, words)).not.toContain(title);
});

test("outside of a lab there is no authority to trust; ports are the published ones", () => {
  const html = renderSetUpPage({ ...page, clients: movedClients, ownAuthority: false }, english);
  expect(html).not.toContain("ca.crt");
  expect(html).toContain("<code>2993</code>");
});
