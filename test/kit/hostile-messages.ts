import { deflateSync, gzipSync } from "node:zlib";
import { readTextBytes } from "../../servers/mail-server/message-limits.ts";

/** A message that is made to cost much more than it weighs: what it is, and its text as sent. */
export interface HostileMessage {
  readonly what: string;
  /** What the server says to it. */
  readonly verdict: RegExp;
  /** Made when it is sent: the whole table would fill the memory. */
  readonly message: () => { readonly head: string; readonly body: string };
}

const taken = /^250 /;
const tooMany = /^554 5\.6\.0 This message is not accepted: it has more than \d+ /;
export const tooCostly =
  /^554 5\.6\.0 This message is not accepted: it takes too long or too much memory to check$/;
const mebibyte = 2 ** 20;

const head = (fields: readonly string[]) =>
  ["From: x@client.example", "To: ana@vaamonde.pti", "Subject: hostile", "MIME-Version: 1.0", ...fields].join(
    "\r\n",
  );
const plain = (body: string, ...fields: string[]) => ({ head: head(fields), body });
const filled = (text: string, bytes: number) => text.repeat(Math.floor(bytes / text.length));
const mixed = 'Content-Type: multipart/mixed; boundary="b"';
const nested = "Content-Type: message/rfc822";
const logged = "Nov 29 12:00:00 mail postfix/smtpd[1234]: connect from client.example[192.0.2.1]\r\n";
const links = "<a href='http://x.example/'><b style='color:red'>x\r\n";
const base64 = (bytes: Buffer) => bytes.toString("base64").replace(/.{76}/g, "$&\r\n");
const attachment = (name: string, bytes: Buffer, text = "") =>
  plain(
    `${text === "" ? "" : `--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text}\r\n`}--b\r\nContent-Type: application/octet-stream; name="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(bytes)}\r\n--b--`,
    mixed,
  );

/** Local headers, their directory and its end (APPNOTE 4.3): files without content. */
function zipOf(count: number): Buffer {
  const entries = Array.from({ length: count }, (_, n) => {
    const name = Buffer.from(`${n}.txt`);
    const local = Buffer.alloc(30);
    local.write("PK\x03\x04", "latin1");
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02", "latin1");
    central.writeUInt16LE(name.length, 28);
    return { local: Buffer.concat([local, name]), central: Buffer.concat([central, name]) };
  });
  const files = Buffer.concat(entries.map(({ local }) => local));
  const directory = Buffer.concat(entries.map(({ central }) => central));
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(count % 65_536, 8);
  end.writeUInt16LE(count % 65_536, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(files.length, 16);
  return Buffer.concat([files, directory, end]);
}

/** @param size - the declared size of messages, which some of these use up. */
export const hostileMessages = (size: number): HostileMessage[] => {
  const largest = size - 100_000;
  return [
    {
      what: "messages in messages",
      verdict: tooMany,
      message: () => plain(filled(`${nested}\r\n\r\n`, largest), nested),
    },
    {
      what: "the same in base64, which no line shows",
      verdict: taken,
      message: () =>
        plain(
          base64(Buffer.from(filled(`${nested}\r\n\r\n`, largest * 0.7))),
          nested,
          "Content-Transfer-Encoding: base64",
        ),
    },
    { what: "empty parts", verdict: tooMany, message: () => plain(filled("--b\r\n\r\n", 700_000), mixed) },
    {
      what: "parts of one letter",
      verdict: tooMany,
      message: () => plain(filled("--b\r\n\r\nx\r\n", mebibyte), mixed),
    },
    {
      what: "the same in base64 inside of a message",
      verdict: tooCostly,
      message: () =>
        plain(
          base64(Buffer.from(`${mixed}\r\n\r\n${filled("--b\r\n\r\nx\r\n", largest * 0.7)}`)),
          nested,
          "Content-Transfer-Encoding: base64",
        ),
    },
    {
      what: "parts in parts",
      verdict: taken,
      message: () => plain(filled(`--b\r\n${mixed}\r\n\r\n`, 400_000), mixed),
    },
    {
      what: "delimiters that are none",
      verdict: tooMany,
      message: () => plain(filled("--q\r\n", mebibyte), mixed),
    },
    { what: "header fields", verdict: tooMany, message: () => plain("x", ...Array(100_000).fill("X-A: y")) },
    {
      what: "fields of a part",
      verdict: taken,
      message: () => plain(`--b\r\n${filled("X: y\r\n", mebibyte)}\r\nx\r\n--b--`, mixed),
    },
    {
      what: "encoded words",
      verdict: tooMany,
      message: () =>
        plain(
          "x",
          ...Array.from({ length: 60 }, (_, n) => `X-${n}: ${filled("=?utf-8?b?w6k=?=\r\n ", 50_000)}x`),
        ),
    },
    {
      what: "encoded words in the subject",
      verdict: taken,
      message: () => plain("x", `Subject: ${filled("=?utf-8?q?=C3=A9?=\r\n ", 90_000)}x`),
    },
    {
      what: "a From of ten thousand comments",
      verdict: /^554 5\.7\.1 From must be/,
      message: () => ({ head: `From: ${"(a)\r\n ".repeat(10_000)}x@client.example`, body: "x" }),
    },
    {
      what: "recipients in To",
      verdict: taken,
      message: () => plain("x", `Cc: ${filled("ana@vaamonde.pti,\r\n ", 90_000)}x@client.example`),
    },
    {
      what: "parameters",
      verdict: taken,
      message: () => plain("x", `Content-Type: text/plain;\r\n ${filled("a*0=x;\r\n ", 90_000)}b=c`),
    },
    {
      what: "noise as base64",
      verdict: taken,
      message: () =>
        plain(filled(`${"!@#$".repeat(18)}\r\n`, 5 * mebibyte), "Content-Transfer-Encoding: base64"),
    },
    { what: "a zip of many files", verdict: taken, message: () => attachment("a.zip", zipOf(60_000)) },
    {
      what: "a gzip of nothing",
      verdict: taken,
      message: () => attachment("a.gz", gzipSync(Buffer.alloc(200 * mebibyte))),
    },
    {
      what: "depth of HTML",
      verdict: taken,
      message: () => plain(filled(`${"<div>".repeat(14)}\r\n`, 2 * mebibyte), "Content-Type: text/html"),
    },
    {
      what: "HTML of the largest size",
      verdict: taken,
      message: () => plain(filled(links, largest), "Content-Type: text/html"),
    },
    {
      what: "HTML of the size that is read",
      verdict: taken,
      message: () => plain(filled(links, readTextBytes), "Content-Type: text/html"),
    },
    {
      what: "text of the largest size",
      verdict: taken,
      message: () => plain(filled(logged, largest)),
    },
    {
      what: "15 MiB of 8-bit text",
      verdict: taken,
      message: () =>
        plain(
          filled("olá, uma linha\r\n", 15 * mebibyte),
          "Content-Type: text/plain; charset=utf-8",
          "Content-Transfer-Encoding: 8bit",
        ),
    },
    {
      what: "text of the largest size in base64",
      verdict: taken,
      message: () =>
        plain(base64(Buffer.from(filled(logged, largest * 0.7))), "Content-Transfer-Encoding: base64"),
    },
    {
      what: "text of the largest size in quoted-printable",
      verdict: taken,
      message: () =>
        plain(filled("=C3=A9=C3=A9 =\r\n", largest), "Content-Transfer-Encoding: quoted-printable"),
    },
    {
      what: "texts that are each read",
      verdict: taken,
      message: () =>
        plain(
          filled(
            `--b\r\nContent-Type: text/html\r\n\r\n${filled(links, readTextBytes / 8)}\r\n`,
            20 * mebibyte,
          ),
          mixed,
        ),
    },
    {
      what: "words of one letter",
      verdict: taken,
      message: () => plain(filled(`${"a ".repeat(38)}\r\n`, readTextBytes)),
    },
    {
      what: "links in a text",
      verdict: taken,
      message: () => plain(filled("http://x.example/a\r\n", readTextBytes)),
    },
    {
      what: "text in UTF-7",
      verdict: taken,
      message: () => plain(filled("+AOkA6Q-\r\n", readTextBytes), "Content-Type: text/plain; charset=utf-7"),
    },
    {
      what: "a calendar",
      verdict: taken,
      message: () => plain(filled("URL:http://x.example/\r\n", 20 * mebibyte), "Content-Type: text/calendar"),
    },
    {
      what: "many calendars",
      verdict: taken,
      message: () =>
        plain(
          filled(
            `--b\r\nContent-Type: application/calendar\r\n\r\n${filled("URL:http://x.example/\r\n", mebibyte)}\r\n`,
            20 * mebibyte,
          ),
          mixed,
        ),
    },
    {
      what: "alternatives in alternatives",
      verdict: taken,
      message: () =>
        plain(
          Array.from(
            { length: 2_000 },
            (_, n) => `--b${n}\r\nContent-Type: multipart/alternative; boundary=b${n + 1}\r\n\r\n`,
          ).join(""),
          "Content-Type: multipart/alternative; boundary=b0",
        ),
    },
    {
      what: "segments of one parameter",
      verdict: taken,
      message: () =>
        plain(
          "x",
          `Content-Disposition: attachment;\r\n ${Array.from({ length: 30_000 }, (_, n) => `filename*${n}*=%41;\r\n `).join("")}x=y`,
        ),
    },
    {
      what: "uuencode",
      verdict: taken,
      message: () =>
        plain(
          `begin 644 a.exe\r\n${filled(`M${"!".repeat(60)}\r\n`, 20 * mebibyte)}\`\r\nend`,
          "Content-Transfer-Encoding: x-uuencode",
        ),
    },
    {
      what: "TNEF of attributes without end",
      verdict: taken,
      message: () =>
        attachment(
          "winmail.dat",
          Buffer.concat([
            Buffer.from("789f3e22010001", "hex"),
            Buffer.alloc(5 * mebibyte, Buffer.from("0106900800ffffffff", "hex")),
          ]),
        ),
    },
    {
      what: "a zip64 that claims files without number",
      verdict: taken,
      message: () => {
        const zip = zipOf(10);
        zip.writeUInt16LE(0xff_ff, zip.length - 14);
        zip.writeUInt16LE(0xff_ff, zip.length - 12);
        zip.writeUInt32LE(0xff_ff_ff_ff, zip.length - 10);
        return attachment("a.zip", zip);
      },
    },
    {
      what: "a PDF of streams that unpack to much",
      verdict: taken,
      message: () => {
        const stream = deflateSync(Buffer.alloc(10 * mebibyte));
        const object = Buffer.concat([
          Buffer.from(`1 0 obj\n<</Filter/FlateDecode/Length ${stream.length}/JavaScript 1 0 R>>\nstream\n`),
          stream,
          Buffer.from("\nendstream\nendobj\n"),
        ]);
        return attachment("a.pdf", Buffer.concat([Buffer.from("%PDF-1.4\n"), ...Array(900).fill(object)]));
      },
    },
    {
      what: "a PDF of objects",
      verdict: taken,
      message: () =>
        attachment(
          "a.pdf",
          Buffer.from(`%PDF-1.4\n${filled("1 0 obj\n<</A[1 0 R]>>\nendobj\n", 2 * mebibyte)}`),
        ),
    },
    {
      what: "names of attachments",
      verdict: taken,
      message: () =>
        plain(filled('--b\r\nContent-Type: application/x; name="a.pdf.exe"\r\n\r\nx\r\n', 400_000), mixed),
    },
    {
      what: "an attachment of the largest size beside 8-bit text",
      verdict: taken,
      message: () =>
        attachment(
          "a.bin",
          Buffer.from(Uint8Array.from({ length: Math.floor(largest * 0.7) }, (_, n) => (n * 7919) >> 5)),
          "olá",
        ),
    },
  ];
};

/** One that keeps a process at work for long without holding much: every level reads all that is inside of it. */
export function slowMessage(): { head: string; body: string } {
  return plain(
    `${`${nested}\r\n\r\n`.repeat(990)}\r\n${filled("word and another one.\r\n", 9 * mebibyte)}`,
    nested,
  );
}
