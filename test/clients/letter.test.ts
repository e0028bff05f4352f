import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { isPrintable, type Letter, renderLetter } from "../../clients/letter.ts";
import { languages, setUpTexts } from "../../clients/set-up-text/languages.ts";
import { writeLetter } from "../../commands/clients.ts";

const letter: Letter = {
  address: "joão@vaamonde.pti",
  name: "João Conceição",
  password: "rio-&-mar (39)",
  servers: [
    { protocol: "IMAP", host: "imap.vaamonde.pti", port: 993, security: "TLS" },
    { protocol: "SMTP", host: "smtp.vaamonde.pti", port: 465, security: "TLS" },
  ],
  pageUrl: "https://mail.vaamonde.pti/",
  isReachable: true,
  webmailUrl: "https://webmail.vaamonde.pti/",
  fingerprint: "c0ffee".repeat(11).slice(2),
};

/** What its one page shows: the strings that its content stream draws (ISO 32000 section 9.4.3), and how many squares. */
function readPage(pdf: Uint8Array) {
  const bytes = Buffer.from(pdf).toString("latin1");
  const streams = [...bytes.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].flatMap(([, data = ""]) => {
    try {
      return [inflateSync(Buffer.from(data, "latin1")).toString("latin1")];
    } catch {
      return [];
    }
  });
  const [content = ""] = streams.filter((text) => text.includes(" Tf"));
  const lines = [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, parts = ""]) =>
    [...parts.matchAll(/<([0-9a-f]*)>/g)]
      .map(([, hex = ""]) => Buffer.from(hex, "hex").toString("latin1"))
      .join(""),
  );
  return {
    lines,
    squares: content.match(/ re\b/g)?.length ?? 0,
    pages: bytes.match(/\/Type \/Page\b(?!s)/g)?.length,
  };
}

test.each(languages)("%s: all of it on one page", async (language) => {
  const words = setUpTexts[language];
  const { lines, squares, pages } = readPage(await renderLetter(letter, words));
  const text = lines.join(" ");
  expect(pages).toBe(1);
  for (const shown of [
    ...[words.letter.title, words.letter.firstPassword, letter.name, letter.address, letter.password],
    ...[letter.pageUrl, letter.webmailUrl, letter.fingerprint, "IMAP  imap.vaamonde.pti  993  TLS"],
  ])
    expect(text).toContain(shown);
  // The band above, and a code.
  expect(squares).toBeGreaterThan(200);
});

test("without what there is not: no code that no phone can use, no password that nobody knows", async () => {
  const { lines, squares } = readPage(
    await renderLetter(
      { ...letter, isReachable: false, password: undefined, name: "Łukasz 山田", fingerprint: undefined },
      setUpTexts.en,
    ),
  );
  expect(squares).toBe(1);
  expect(lines).toContain(setUpTexts.en.rows.passwordValue);
  expect(lines.join()).not.toMatch(/First password|ukasz|SHA-256/);
  expect(isPrintable("Łukasz")).toBe(false);
});

test("only its owner may read it, also where another one was there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-letter-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = await writeLetter(letter, "pt", "lab", folder);
  expect(path).toBe(join(folder, "jo%C3%A3o%40vaamonde.pti.pdf"));
  rmSync(path);
  writeFileSync(path, "", { mode: 0o644 });
  await writeLetter(letter, "pt", "lab", folder);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path).subarray(0, 5).toString()).toBe("%PDF-");
});
