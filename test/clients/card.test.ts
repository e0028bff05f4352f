import { describe, expect, test } from "vitest";
import { clientCard, closingText, exampleCard, nameLookups } from "../../clients/card.ts";
import { type ClientStack, exampleMailbox, settingsFor } from "../../clients/settings.ts";

const lab: ClientStack = {
  endpoint: {
    address: "127.0.0.1",
    ports: { dns: 53, submission: 587, submissions: 465, imaps: 993, pop3s: 995 },
  },
  domains: [
    {
      name: "vaamonde.pti",
      clientNames: {
        incoming: { imap: "imap.vaamonde.pti", pop3: "pop3.vaamonde.pti" },
        outgoing: "smtp.vaamonde.pti",
      },
      mailboxes: [
        { address: "robsonvaamonde@vaamonde.pti" },
        { address: "vaamonde@vaamonde.pti", displayName: "Admin SOA" },
      ],
    },
    {
      name: "example.org",
      clientNames: {
        incoming: { imap: "imap.example.org", pop3: "pop3.example.org" },
        outgoing: "smtp.example.org",
      },
      mailboxes: [{ address: "ana@example.org", displayName: "Ana Lima" }],
    },
  ],
};

const authority = { fingerprint: "c0ffee".repeat(11).slice(2), trustCommand: "npm run trust -- --apply" };

test("the end of up is what a person needs first", () => {
  const web = { page: "https://mail.vaamonde.pti/", webmail: "https://webmail.vaamonde.pti/" };
  const [first, ...others] = lab.domains;
  const withWeb = { ...lab, domains: [{ ...first, web }, ...others] } as unknown as ClientStack;
  expect(
    closingText(withWeb, "lab", { namesCommand: "npm run names -- --apply", authority }),
  ).toMatchInlineSnapshot(`
    "vaamonde@vaamonde.pti in a mail client
      User name    vaamonde
      Password     \`npm run password -- vaamonde@vaamonde.pti --stack lab\`
      Set-up page  https://mail.vaamonde.pti/
      Webmail      https://webmail.vaamonde.pti/
      Authority    trusted after \`npm run trust -- --apply\`
        SHA-256    ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffee
      Names        resolve after \`npm run names -- --apply\`
    All of it, of any mailbox: npm run clients -- ADDRESS --stack lab
    "
  `);
  expect(closingText(lab, "lab")).toMatchInlineSnapshot(`
    "vaamonde@vaamonde.pti in a mail client
      Incoming   IMAP  imap.vaamonde.pti  port 993  TLS
      Outgoing   SMTP  smtp.vaamonde.pti  port 587  STARTTLS
      User name  vaamonde
      Password   \`npm run password -- vaamonde@vaamonde.pti --stack lab\`
    All of it, of any mailbox: npm run clients -- ADDRESS --stack lab
    "
  `);
});

test("without an address the card is that of one mailbox", () => {
  const own = {
    authority,
    caCertificatePath: ".maildomain/lab/ca.pem",
    namesCommand: "npm run names -- --apply",
  };
  expect(exampleCard(lab, "lab", own)).toMatchInlineSnapshot(`
    "Mail client settings for vaamonde@vaamonde.pti

      Your name        Admin SOA
      E-mail address   vaamonde@vaamonde.pti
      Incoming server  IMAP  imap.vaamonde.pti  port 993  TLS
        or             POP3  pop3.vaamonde.pti  port 995  TLS
      Outgoing server  SMTP  smtp.vaamonde.pti  port 587  STARTTLS
        or             SMTP  smtp.vaamonde.pti  port 465  TLS
      User name        vaamonde  (or vaamonde@vaamonde.pti)
      Password         shown by \`npm run password -- vaamonde@vaamonde.pti --stack lab\`

    The names, looked up at the domain's own DNS server

      nslookup smtp.vaamonde.pti 127.0.0.1
      nslookup imap.vaamonde.pti 127.0.0.1
      nslookup pop3.vaamonde.pti 127.0.0.1

    Programs on this machine find them after \`npm run names -- --apply\`.

    The certificate authority, to be imported into the client as trusted

      .maildomain/lab/ca.pem
      SHA-256  ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffee

    Programs on this machine trust it after \`npm run trust -- --apply\`.

    Another mailbox: npm run clients -- ADDRESS --stack lab
    "
  `);
});

test("a stack without mailboxes says what to do", () => {
  expect(closingText({ ...lab, domains: [] }, "lab")).toMatchInlineSnapshot(`
    "The stack has no mailbox yet: declare one in its stack file.
    "
  `);
});

describe("settingsFor", () => {
  test("takes the address without regard to case", () => {
    expect(settingsFor(lab, "Vaamonde@VAAMONDE.pti").address).toBe("vaamonde@vaamonde.pti");
  });

  test("offers the bare user name in the first domain only", () => {
    expect(settingsFor(lab, "vaamonde@vaamonde.pti").userNames).toEqual([
      "vaamonde",
      "vaamonde@vaamonde.pti",
    ]);
    expect(settingsFor(lab, "ana@example.org").userNames).toEqual(["ana@example.org"]);
  });

  test("takes the user name for the name where none is declared", () => {
    expect(settingsFor(lab, "robsonvaamonde@vaamonde.pti").name).toBe("robsonvaamonde");
  });

  test("names the mailboxes there are when asked for another", () => {
    expect(() => settingsFor(lab, "nobody@vaamonde.pti")).toThrowErrorMatchingInlineSnapshot(
      `[UnknownMailboxError: nobody@vaamonde.pti is not a mailbox of this stack. Its mailboxes are: robsonvaamonde@vaamonde.pti, vaamonde@vaamonde.pti, ana@example.org.]`,
    );
  });
});

describe("clientCard", () => {
  const settings = settingsFor(lab, "ana@example.org");

  test("holds a password only when it is given", () => {
    const given = clientCard(settings, { passwordCommand: "show it", password: "correct horse" });
    expect(given).toContain("Password         correct horse\n");
    expect(given).not.toContain("show it");
  });

  test("reports where the set-up page and webmail are, where there are", () => {
    const pages = { pageUrl: "https://mail.example.org/", webmailUrl: "https://webmail.example.org/" };
    const card = clientCard(settings, { passwordCommand: "show it", ...pages });
    expect(card).toContain("Step by step, for each program\n\n  https://mail.example.org/\n");
    expect(card).toContain("Without a program, in a browser\n\n  https://webmail.example.org/\n");
    expect(clientCard(settings, { passwordCommand: "show it" })).not.toContain("https:");
  });

  test("leaves the authority out where clients know it already", () => {
    expect(clientCard(settings, { passwordCommand: "show it" })).not.toContain("authority");
  });
});

test.each<[string, number, string]>([
  ["127.0.0.1", 53, "nslookup smtp.vaamonde.pti 127.0.0.1"],
  ["127.0.0.2", 5353, "nslookup -port=5353 smtp.vaamonde.pti 127.0.0.2"],
  ["0.0.0.0", 53, "nslookup smtp.vaamonde.pti 127.0.0.1"],
  ["::", 53, "nslookup smtp.vaamonde.pti ::1"],
])("with the DNS server on %s port %i: %s", (address, dns, line) => {
  const { ports } = lab.endpoint;
  const moved = { ...lab, endpoint: { address, ports: { ...ports, dns } } };
  expect(nameLookups(settingsFor(moved, "vaamonde@vaamonde.pti"))[0]).toBe(line);
});

test.each<[string, ClientStack, string | undefined]>([
  ["the first with a display name", lab, "vaamonde@vaamonde.pti"],
  [
    "otherwise the first",
    {
      ...lab,
      domains: lab.domains.map((domain) => ({
        ...domain,
        mailboxes: domain.mailboxes.map(({ address }) => ({ address })),
      })),
    },
    "robsonvaamonde@vaamonde.pti",
  ],
  ["nobody", { ...lab, domains: [] }, undefined],
])("exampleMailbox: %s", (_, service, address) => {
  expect(exampleMailbox(service)).toBe(address);
});
