import { X509Certificate } from "node:crypto";
import { runInNewContext } from "node:vm";
import encodeQr from "qr";
import decodeQr from "qr/decode.js";
import { expect, test } from "vitest";
import { renderAccountCode } from "../../clients/account-code.ts";
import { renderClientFiles } from "../../clients/client-files.ts";
import { describeClients } from "../../clients/description.ts";
import { issueAuthorityCertificate, makeKey } from "../../provider/certificate.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { bitmap } from "./bitmap.ts";
import { labClients, movedClients, pop3Clients } from "./lab.ts";

const owner = { address: "vaamonde@vaamonde.pti", name: "Admin SOA" };
const authority = { pem: "pem", path: "/home/vaamonde/mail/ca.pem" };

function text(name: string, files = renderClientFiles(labClients, owner)): string {
  return files.find((file) => file.name === name)?.content ?? "";
}

test("the files of a mailbox of the course exercise's lab", async () => {
  const pem = await issueAuthorityCertificate("lab authority", lifetime(new Date(), 30), makeKey());
  const files = renderClientFiles(labClients, owner, { ...authority, pem });
  expect(files.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "vaamonde@vaamonde.pti.mobileconfig",
      "config-v1.1.xml",
      "user.js",
      "msmtprc",
      "mbsyncrc",
      "fetchmailrc",
      "getmailrc",
      "muttrc",
      "ca.pem",
    ]
  `);
  expect(new X509Certificate(text("ca.pem", files)).raw).toEqual(new X509Certificate(pem).raw);
  for (const name of ["msmtprc", "mbsyncrc", "fetchmailrc", "muttrc"]) {
    expect(text(name, files)).toContain(`"${authority.path}"`);
  }
});

test("msmtprc", () => {
  expect(text("msmtprc")).toMatchInlineSnapshot(`
    "# Asks for the password, unless "passwordeval" names a command that prints it.
    account vaamonde@vaamonde.pti
    host smtp.vaamonde.pti
    port 465
    from vaamonde@vaamonde.pti
    user vaamonde@vaamonde.pti
    auth on
    tls on
    tls_starttls off
    tls_trust_file system

    account default : vaamonde@vaamonde.pti
    "
  `);
});

test("mbsyncrc", () => {
  expect(text("mbsyncrc")).toMatchInlineSnapshot(`
    "# Asks for the password, unless "PassCmd" names a command that prints it.
    IMAPAccount vaamonde@vaamonde.pti
    Host imap.vaamonde.pti
    Port 993
    User vaamonde@vaamonde.pti
    TLSType IMAPS

    IMAPStore vaamonde@vaamonde.pti-far
    Account vaamonde@vaamonde.pti

    MaildirStore vaamonde@vaamonde.pti-near
    Path ~/Mail/vaamonde@vaamonde.pti/
    Inbox ~/Mail/vaamonde@vaamonde.pti/INBOX
    SubFolders Verbatim

    Channel vaamonde@vaamonde.pti
    Far :vaamonde@vaamonde.pti-far:
    Near :vaamonde@vaamonde.pti-near:
    Patterns *
    Create Both
    SyncState *
    "
  `);
});

test("fetchmailrc", () => {
  expect(text("fetchmailrc")).toMatchInlineSnapshot(`
    "# Asks for the password.
    poll imap.vaamonde.pti with protocol IMAP and port 993
      user "vaamonde@vaamonde.pti"
      ssl sslproto "TLS1.2+" sslcertck
      keep
    "
  `);
});

test("muttrc", () => {
  expect(text("muttrc")).toMatchInlineSnapshot(`
    "# Asks for the password.
    set realname = "Admin SOA"
    set from = "vaamonde@vaamonde.pti"
    set use_from = yes
    set imap_user = "vaamonde@vaamonde.pti"
    set folder = "imaps://imap.vaamonde.pti:993/"
    set spoolfile = "+INBOX"
    set record = "+Sent"
    set postponed = "+Drafts"
    set trash = "+Trash"
    set smtp_url = "smtps://vaamonde%40vaamonde.pti@smtp.vaamonde.pti:465"
    set ssl_starttls = yes
    set ssl_force_tls = yes
    "
  `);
});

test("user.js", () => {
  expect(text("user.js")).toMatchInlineSnapshot(`
    "user_pref("mail.accountmanager.accounts", "account1");
    user_pref("mail.accountmanager.defaultaccount", "account1");
    user_pref("mail.account.account1.identities", "id1");
    user_pref("mail.account.account1.server", "server1");
    user_pref("mail.identity.id1.fullName", "Admin SOA");
    user_pref("mail.identity.id1.useremail", "vaamonde@vaamonde.pti");
    user_pref("mail.identity.id1.smtpServer", "smtp1");
    user_pref("mail.identity.id1.valid", true);
    user_pref("mail.server.server1.type", "imap");
    user_pref("mail.server.server1.name", "vaamonde@vaamonde.pti");
    user_pref("mail.server.server1.hostname", "imap.vaamonde.pti");
    user_pref("mail.server.server1.port", 993);
    user_pref("mail.server.server1.socketType", 3);
    user_pref("mail.server.server1.authMethod", 3);
    user_pref("mail.server.server1.userName", "vaamonde@vaamonde.pti");
    user_pref("mail.server.server1.login_at_startup", true);
    user_pref("mail.server.server1.check_new_mail", true);
    user_pref("mail.smtpservers", "smtp1");
    user_pref("mail.smtp.defaultserver", "smtp1");
    user_pref("mail.smtpserver.smtp1.hostname", "smtp.vaamonde.pti");
    user_pref("mail.smtpserver.smtp1.port", 465);
    user_pref("mail.smtpserver.smtp1.try_ssl", 3);
    user_pref("mail.smtpserver.smtp1.authMethod", 3);
    user_pref("mail.smtpserver.smtp1.username", "vaamonde@vaamonde.pti");
    "
  `);
});

test("STARTTLS and ports of one's own, where there is nothing else", () => {
  const { incoming, outgoing } = movedClients;
  const startTls = {
    ...movedClients,
    incoming: incoming.filter(({ security }) => security === "STARTTLS"),
    outgoing: outgoing.filter(({ security }) => security === "STARTTLS"),
  };
  const files = renderClientFiles(startTls, owner);
  expect(text("msmtprc", files)).toContain("port 2587\n");
  expect(text("msmtprc", files)).toContain("tls_starttls on\n");
  expect(text("mbsyncrc", files)).toContain("Port 2143\n");
  expect(text("mbsyncrc", files)).toContain("TLSType STARTTLS\n");
  expect(text("muttrc", files)).toContain('set folder = "imap://imap.vaamonde.pti:2143/"');
  expect(preferences(text("user.js", files))).toMatchObject({
    "mail.server.server1.socketType": 2,
    "mail.smtpserver.smtp1.try_ssl": 2,
    "mail.smtpserver.smtp1.port": 2587,
  });
});

/** As Thunderbird reads the file: each line a call. */
function preferences(script: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const user_pref = (key: string, value: unknown) => {
    found[key] = value;
  };
  runInNewContext(script, { user_pref });
  return found;
}

test.each(['Ana "a" Lima', "d'Ávila; $HOME `id`", "back\\slash", "two\nlines"])(
  "the name %j stays a name",
  (name) => {
    const files = renderClientFiles(labClients, { ...owner, name });
    expect(preferences(text("user.js", files))["mail.identity.id1.fullName"]).toBe(name);
    const [, quoted = ""] = /^set realname = "(.*)"$/m.exec(text("muttrc", files)) ?? [];
    expect(quoted.replace(/\\(.)/g, "$1")).toBe(name.replace("\n", " "));
    expect(quoted.replace(/\\./g, "")).not.toMatch(/["$`\\]/);
  },
);

test("what only POP3 serves has no IMAP configuration", () => {
  expect(() => renderClientFiles(pop3Clients, owner)).toThrow("vaamonde.pti has no IMAP server");
});

test("the account's code is the published example", () => {
  const names = { incoming: { imap: "imap.domain.example", pop3: "" }, outgoing: "smtp.domain.example" };
  const clients = describeClients("domain.example", names, { submissions: 465, submission: 587, imaps: 993 });
  const code = renderAccountCode(clients, { address: "user@domain.example", name: "Jane Doe" });
  expect(JSON.parse(code)).toEqual([
    1,
    [1, 1],
    [0, "imap.domain.example", 993, 3, 1, "user@domain.example"],
    [
      [
        [0, "smtp.domain.example", 465, 3, 1, "user@domain.example"],
        ["user@domain.example", "Jane Doe"],
      ],
    ],
  ]);
  expect(decodeQr(bitmap(encodeQr(code, "raw", { scale: 4 })))).toBe(code);
});
