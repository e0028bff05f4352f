import { createInterface } from "node:readline";
import { connect } from "node:tls";
import type { ImapFlow } from "imapflow";
import { dkimSign } from "mailauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyPem } from "../../provider/certificate.ts";
import { fieldsOf, judge } from "../kit/arrived-mail.ts";
import { type Correspondent, imapSession, MailNetwork, password, strangerTo } from "../kit/mail-network.ts";

let network: MailNetwork;
let one: Correspondent;
let two: Correspondent;

const at = (user: string, domain = "two.test") => `${user}@${domain}`;

beforeAll(async () => {
  network = await MailNetwork.create();
  ({ one, two } = network);
  await network.run();
  await network.configure(one, {
    mailboxes: [
      { address: at("rules", one.domain), quotaBytes: 0, sieve: `redirect "${two.user}";\n` },
      {
        address: at("gone", one.domain),
        quotaBytes: 0,
        forward: { to: [two.user], keepCopy: false },
      },
    ],
  });
  const byAddress = `require ["fileinto", "mailbox", "envelope", "subaddress"];
if header :is "X-Original-To" "${at("sales")}" { fileinto :create "Sales"; stop; }
if envelope :detail "to" "lists" { fileinto :create "Lists"; stop; }
`;
  await network.configure(two, {
    mailboxes: [
      { address: at("bia"), quotaBytes: 0, sieve: byAddress },
      { address: at("caio"), quotaBytes: 0 },
    ],
    aliases: [
      { address: at("sales"), targets: [at("bia")] },
      { address: at("team"), targets: [at("bia"), at("caio")] },
      { address: at("everybody"), targets: [at("team")] },
      { address: "@two.test", targets: [at("caio")] },
    ],
    // A server that takes no 8BITMIME (RFC 6152), as some still do not.
    edit: (file) =>
      file.path === "postfix/main.cf"
        ? { ...file, content: file.content.replace("chunking, etrn", "8bitmime, chunking, etrn") }
        : file,
  });
});
afterAll(() => network.remove());

interface Arrived {
  readonly source: Buffer;
  readonly folder: string;
}

/** Sessions that stay open, by user of the second server. */
const sessions = new Map<string, Promise<ImapFlow>>();
afterAll(async () => {
  for (const session of sessions.values()) await (await session).logout();
});
function sessionOf(user: string): Promise<ImapFlow> {
  const session = sessions.get(user) ?? imapSession(two, user);
  sessions.set(user, session);
  return session;
}

/** What has that subject in all folders of a user, as stored. */
async function copies(user: string, subject: string): Promise<Arrived[]> {
  const client = await sessionOf(user);
  const found: Arrived[] = [];
  for (const { path } of await client.list()) {
    await client.mailboxOpen(path);
    const numbers = (await client.search({ header: { subject } })) || [];
    if (numbers.length === 0) continue;
    for (const { source, envelope } of await client.fetchAll(numbers, { source: true, envelope: true })) {
      if (source && envelope?.subject === subject) found.push({ source, folder: path });
    }
  }
  return found;
}

async function arrives(subject: string, count = 1, user = two.user): Promise<Arrived[]> {
  let found: Arrived[] = [];
  const counted = async () => {
    found = await copies(user, subject);
    return found.length;
  };
  await expect.poll(counted).toBe(count);
  return found;
}

/** What its reader gets of a message that is one text. */
async function textOf(subject: string): Promise<string> {
  const client = await sessionOf(two.user);
  await client.mailboxOpen("INBOX");
  // A search finds each subject that has it in itself.
  const all = await client.fetchAll("1:*", { envelope: true });
  const { seq = 0 } = all.find(({ envelope }) => envelope?.subject === subject) ?? {};
  const { content } = await client.download(`${seq}`, "1");
  const chunks: Buffer[] = [];
  for await (const chunk of content ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function signatures(message: Buffer): Promise<readonly string[]> {
  return (await judge(message, one, await network.nameServer())).dkim;
}
const signedByOne = ["ed1.one.test pass", "rsa1.one.test pass"];

/** Whether every server on the way passes it on as it is: ASCII, in lines of 998 bytes at most. */
function form(message: Buffer): { longest: number; ascii: boolean } {
  const lines = message.toString("latin1").split("\r\n");
  return {
    longest: Math.max(...lines.map(({ length }) => length)),
    ascii: !/[^\t\r\n -~]/.test(message.toString("latin1")),
  };
}

/** Submits what no client library would let through, byte by byte. */
async function submit(lines: readonly string[], verdict = /^250/): Promise<void> {
  const socket = connect({
    host: "127.0.0.1",
    port: await one.server.port("465/tcp"),
    rejectUnauthorized: false,
  });
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { value = "closed" } = await answers.next();
    return /^\d{3}-/.test(value) ? answer() : value;
  };
  try {
    expect(await answer()).toMatch(/^220/);
    const text = lines.join("\r\n").replace(/^\./gm, "..");
    const steps: [string, RegExp][] = [
      ["EHLO client.one.test", /^250/],
      [`AUTH PLAIN ${Buffer.from(`\0${one.user}\0${password}`).toString("base64")}`, /^235/],
      [`MAIL FROM:<${one.user}> BODY=8BITMIME`, /^250/],
      [`RCPT TO:<${two.user}>`, /^250/],
      ["DATA", /^354/],
      [`${text}\r\n.`, verdict],
    ];
    for (const [line, accepted] of steps) {
      socket.write(`${line}\r\n`, "latin1");
      expect(await answer()).toMatch(accepted);
    }
  } finally {
    socket.destroy();
  }
}

const utf8 = (text: string) => Buffer.from(text).toString("latin1");
const long = Array.from({ length: 400 }, (_, n) => `word${n}`).join(" ");
const html = `<p>${"<b>x</b>".repeat(800)}</p>`;
/** Of today: an older one is a sign of spam. */
const date = `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`;
const mixed = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="one two"'];
const inner = ["Content-Type: multipart/alternative; boundary=xx"];
const plain = "Content-Type: text/plain; charset=utf-8";

/** A message's fields and body; the text as it is read, or what is in the parts; nothing for what arrives unchanged. */
const submitted: [string, string[], string[], (string | RegExp[])?][] = [
  ["a line of 998 bytes", [], ["x".repeat(998)]],
  ["a line of 999 bytes", [], ["x".repeat(999)], `${"x".repeat(999)}\r\n`],
  ["a line of 70,000 bytes", [], ["y".repeat(70_000), "", "end"], `${"y".repeat(70_000)}\r\n\r\nend\r\n`],
  [
    "8-bit text",
    ["MIME-Version: 1.0", plain, "Content-Transfer-Encoding: 8bit"],
    [utf8("Olá =  "), ".", "..x", "From x"],
    "Olá =  \r\n.\r\n..x\r\nFrom x\r\n",
  ],
  ["8-bit text that does not say what it is", [], [utf8("Olá")], "Olá\r\n"],
  [
    "long HTML in a nested part",
    mixed,
    [
      utf8("préambulo"),
      "--one two",
      ...inner,
      "Content-Transfer-Encoding: 8bit",
      "",
      "--xx",
      plain,
      "",
      utf8("São"),
      "--xx",
      "Content-Type: text/html",
      "",
      html,
      "--xx--",
      "--one two",
      "Content-Type: application/octet-stream",
      "Content-Transfer-Encoding: binary",
      "",
      `${"z".repeat(2000)}\x80`,
      "--one two--",
      utf8("épilogo"),
    ],
    [/S=C3=A3o/, /<p>(?:<b>x<\/b>){800}<\/p>/, /base64\r\n\r\nenp6/, /^--one two--\r$/m, /^--xx--\r$/m],
  ],
  [
    "base64 in one line",
    ["MIME-Version: 1.0", "Content-Type: text/plain", "Content-Transfer-Encoding: BASE64"],
    [Buffer.from(long.repeat(3)).toString("base64")],
    long.repeat(3),
  ],
  [
    "quoted-printable in one line",
    ["MIME-Version: 1.0", plain, "Content-Transfer-Encoding: quoted-printable"],
    [`${long} =C3=A1`],
    `${long} á\r\n`,
  ],
  [
    "a message in it",
    ["MIME-Version: 1.0", "Content-Type: message/rfc822", "Content-Transfer-Encoding: 8bit"],
    ["From: x@example.org", "Subject: in it", plain, "", utf8("Às")],
    [/quoted-printable\r\n\r\n=C3=80s/],
  ],
  [
    "a signed part",
    ["MIME-Version: 1.0", 'Content-Type: multipart/signed; protocol="x/y"; boundary=ss'],
    ["--ss", plain, "", utf8("Só") + long, "--ss", "Content-Type: x/y", "", "sig", "--ss--"],
  ],
  [
    "a multipart without its boundary",
    ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=none"],
    [utf8("Olá"), long],
  ],
  [
    "long fields",
    [
      `References: ${Array.from({ length: 60 }, (_, n) => `<${n}.aaaaaaaaaaaaaaaaa@example.org>`).join(" ")}`,
      `X-Blob: ${"b".repeat(3000)}`,
    ],
    ["x"],
  ],
  ["an empty body", [], []],
  ["spaces and empty lines at its end", [], ["x  ", "\t", "", "", ""]],
  ["a stray CR", [], ["a\rb", "c"]],
  [
    "two megabytes",
    ["MIME-Version: 1.0", plain],
    [`${utf8("ação ").repeat(9)}\r\n`.repeat(30_000)],
    `${"ação ".repeat(9)}\r\n`.repeat(30_000).concat("\r\n"),
  ],
  [
    "two fields that Postfix removes",
    ["Bcc: bia@two.test", "Return-Path: <x@one.test>", "Content-Length: 3"],
    ["x"],
  ],
  ["an address without its domain", ["Cc: bia, Caio <caio>", "Reply-To: ana"], ["x"]],
];

test("a NUL is refused: no message has one, and not every program reads on behind it (RFC 5322 section 2.1)", async () => {
  for (const lines of [
    ["Subject: a\0b", "", "x"],
    ["Subject: x", "", "a\0b"],
  ]) {
    await submit([`From: ${one.user}`, `To: ${two.user}`, ...lines], /^550 5\.7\.1 disallowed character/);
  }
});

describe("what is signed is what is sent, to a server without 8BITMIME", () => {
  beforeAll(async () => {
    for (const [subject, fields, body] of submitted) {
      await submit([
        `From: ${one.user}`,
        `To: ${two.user}`,
        `Subject: ${subject}`,
        date,
        "Message-ID: <given@one.test>",
        ...fields,
        "",
        ...body,
      ]);
    }
  });

  test.each(submitted)("%s", async (subject, _fields, body, parts) => {
    const [{ source } = { source: Buffer.of() }] = await arrives(subject);
    expect(await signatures(source)).toEqual(signedByOne);
    expect(fieldsOf(source, "Authentication-Results")[0]?.match(/dkim=\w+/g)).toEqual([
      "dkim=pass",
      "dkim=pass",
    ]);
    expect(fieldsOf(source, "Message-ID")).toEqual(["<given@one.test>"]);
    expect(fieldsOf(source, "Bcc")).toEqual([]);
    if (!subject.includes("signed part") && !subject.includes("without its boundary")) {
      expect(form(source)).toEqual({ longest: expect.toSatisfy((n: number) => n <= 998), ascii: true });
    }
    if (parts === undefined) {
      const sent = body.join("\r\n").replace("a\rb", "a b");
      expect(
        source
          .toString("latin1")
          .split(/\r\n\r\n(.*)/s)[1]
          ?.trimEnd(),
      ).toBe(sent.trimEnd());
    } else if (typeof parts === "string") {
      expect(await textOf(subject)).toBe(parts);
    } else {
      const written = source.toString("latin1").replaceAll("=\r\n", "");
      for (const part of parts) expect(written).toMatch(part);
    }
  });
});

describe("what a user's program has left out is added before the signature", () => {
  const now = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/;
  const id = /^<[0-9a-f]{32}@one\.test>$/;
  const rows: [string, string[], string | RegExp, string | RegExp][] = [
    ["neither", [], now, id],
    ["no date", ["message-id:<given@one.test>"], now, "<given@one.test>"],
    ["no id", ["DATE: Sat, 28 Nov 2026 10:11:12 GMT"], "Sat, 28 Nov 2026 10:11:12 GMT", id],
    ["both are empty", ["Date:", "Message-ID: "], now, id],
    ["neither is one", ["Date: yesterday", "Message-ID: 12345"], now, id],
    [
      "old forms",
      ["date: 28 Nov 26 10:11 EST (so)", "Message-Id: (x) <a.b@[192.0.2.1]>"],
      "28 Nov 26 10:11 EST (so)",
      "(x) <a.b@[192.0.2.1]>",
    ],
    ["a From in capitals", ["FROM: ana@one.test"], now, id],
    [
      "white space before colons",
      ["from : ana@one.test", "MESSAGE-ID : <given@one.test>"],
      now,
      "<given@one.test>",
    ],
    ["resent", ["Resent-From: ana@one.test", "Resent-Date: Sat, 28 Nov 2026 10:11:12 GMT"], now, id],
  ];
  beforeAll(async () => {
    for (const [subject, fields] of rows) {
      const from = fields.some((field) => /^from/i.test(field)) ? [] : [`From: ${one.user}`];
      await submit([...from, `To: ${two.user}`, `Subject: ${subject}`, ...fields, "", "x"]);
    }
  });

  test.each(rows)("%s", async (subject, _, expectedDate, expectedId) => {
    const [{ source } = { source: Buffer.of() }] = await arrives(subject);
    const matches = (wanted: string | RegExp) =>
      typeof wanted === "string" ? wanted : expect.stringMatching(wanted);
    expect(fieldsOf(source, "Date")).toEqual([matches(expectedDate)]);
    expect(fieldsOf(source, "Message-ID")).toEqual([matches(expectedId)]);
    expect(await signatures(source)).toEqual(signedByOne);
    for (const signature of fieldsOf(source, "DKIM-Signature")) {
      const signed =
        signature
          .match(/\bh=([^;]*)/)?.[1]
          ?.toLowerCase()
          .replaceAll(/\s/g, "")
          .split(":") ?? [];
      // Twice: with the field, and against a second one.
      for (const name of ["date", "message-id"])
        expect(signed.filter((other) => other === name)).toHaveLength(2);
    }
  });

  test("nothing is added to the mail of strangers", async () => {
    const stranger = await strangerTo(two);
    const raw = `From: x@example.net\r\nTo: ${two.user}\r\nSubject: of a stranger\r\n\r\n${"x".repeat(2000)}\r\n`;
    await stranger.sendMail({ envelope: { from: "", to: two.user }, raw });
    const [{ source } = { source: Buffer.of() }] = await arrives("of a stranger");
    expect([fieldsOf(source, "Date"), fieldsOf(source, "Message-ID")]).toEqual([[], []]);
    expect(source.toString()).toContain("x".repeat(2000));
  });
});

test.each(["rules", "gone"])("the author's signature stays on what %s sends on", async (user) => {
  const subject = `on through ${user}`;
  const raw = Buffer.from(
    [
      `From: ${two.user}`,
      `To: ${at(user, one.domain)}`,
      `Subject: ${subject}`,
      date,
      plain,
      "",
      utf8("Olá ") + long,
      "",
    ].join("\r\n"),
    "latin1",
  );
  const key = { signingDomain: two.domain, selector: "rsa1", privateKey: keyPem(two.keys.rsa) };
  const signed = await dkimSign(raw, { ...key, signatureData: [key] });
  expect(signed.errors).toEqual([]);
  const message = Buffer.concat([Buffer.from(signed.signatures), raw]);
  await (await strangerTo(one)).sendMail({ envelope: { from: "", to: at(user, one.domain) }, raw: message });
  const [{ source } = { source: Buffer.of() }] = await arrives(subject);
  expect(await signatures(source)).toEqual(["rsa1.two.test pass"]);
});

test("a message that has been through 100 servers is accepted, and a loop ends", async () => {
  const received = (count: number) =>
    "Received: from a.example by b.example; Sat, 28 Nov 2026 10:11:12 +0000\r\n".repeat(count);
  const send = async (count: number) =>
    (await strangerTo(two)).sendMail({
      envelope: { from: "", to: two.user },
      raw: `${received(count)}From: x@example.net\r\nSubject: ${count} servers\r\n${date}\r\nMessage-ID: <x@example.net>\r\n\r\nx\r\n`,
    });
  await send(100);
  await arrives("100 servers");
  await expect(send(500)).rejects.toThrow(/5\.4\.6|554/);
});

describe("the address that was meant", () => {
  const receive = async (subject: string, to: string[]) =>
    (await strangerTo(two)).sendMail({
      envelope: { from: "", to },
      raw: `From: x@example.net\r\nTo: undisclosed:;\r\nSubject: ${subject}\r\n${date}\r\nMessage-ID: <x@example.net>\r\nX-Original-To: ${at("sales")}\r\n\r\nx\r\n`,
    });
  const originals = (found: readonly Arrived[]) =>
    found
      .map(
        ({ source, folder }) =>
          `${folder}: ${fieldsOf(source, "X-Original-To").join()} ${fieldsOf(source, "Delivered-To")[0]}`,
      )
      .toSorted();

  test("is on each copy, where rules and people read it, and no other is", async () => {
    const to = ["bia", "sales", "everybody", "bia+lists", "whoever", "sales+x"].map((user) => at(user));
    await receive("many", [...to, two.user]);
    const bia = await arrives("many", 5, at("bia"));
    expect(originals(bia)).toEqual([
      `INBOX: ${at("bia")} ${at("bia")}`,
      `INBOX: ${at("everybody")} ${at("bia")}`,
      `INBOX: ${at("sales+x")} ${at("bia+x")}`,
      `Lists: ${at("bia+lists")} ${at("bia+lists")}`,
      `Sales: ${at("sales")} ${at("bia")}`,
    ]);
    const caio = await arrives("many", 2, at("caio"));
    expect(originals(caio)).toEqual([
      `INBOX: ${at("everybody")} ${at("caio")}`,
      `INBOX: ${at("whoever")} ${at("caio")}`,
    ]);
    for (const { source } of [...bia, ...caio]) {
      const [own = "", final = ""] = [
        fieldsOf(source, "X-Original-To")[0],
        fieldsOf(source, "Delivered-To")[0],
      ];
      const others = [...to, two.user].filter((address) => address !== own && address !== final);
      expect(others.filter((address) => source.includes(address))).toEqual([]);
    }
    expect(originals(await arrives("many"))).toEqual([`INBOX: ${two.user} ${two.user}`]);
  });
});
