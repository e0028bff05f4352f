import PDFDocument from "pdfkit";
import encodeQr from "qr";
import { defaultColor } from "./brand.ts";
import type { ServerSetting } from "./server-setting.ts";
import type { SetUpText } from "./set-up-text/set-up-text.ts";

/** What one person gets on paper. */
export interface Letter {
  readonly address: string;
  /** As others see it; left out where the paper's font lacks its letters. */
  readonly name?: string | undefined;
  /** The password to begin with. @default the one that the person was given */
  readonly password?: string | undefined;
  /** The best server of each kind. */
  readonly servers: readonly ServerSetting[];
  /** Where the set-up page is. @default there is none */
  readonly pageUrl?: string | undefined;
  /** Whether a phone can open it, so that its code helps anybody. */
  readonly isReachable: boolean;
  /** @default there is none */
  readonly webmailUrl?: string | undefined;
  /** SHA-256 of the authority that clients have to trust. @default they know it already */
  readonly fingerprint?: string | undefined;
}

const [regular, bold, fixed] = ["Helvetica", "Helvetica-Bold", "Courier"];
/** Points: 72 per inch. */
const margin = 64;
const codeSize = 120;

/** A hand-out on one page of A4, PDF. Each fact is a text that can be copied. */
export function renderLetter(letter: Letter, words: SetUpText): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: "A4",
    margin,
    lang: words.language,
    info: { Title: `${words.letter.title}: ${letter.address}` },
  });
  const parts: Uint8Array[] = [];
  const finished = new Promise<Uint8Array>((resolve, reject) => {
    document.on("data", (part: Uint8Array) => parts.push(part));
    document.on("error", reject);
    document.on("end", () => resolve(Buffer.concat(parts)));
  });
  fill(document, letter, words);
  document.end();
  return finished;
}

function fill(document: PDFKit.PDFDocument, letter: Letter, words: SetUpText): void {
  const { rows } = words;
  document.rect(0, 0, document.page.width, 12).fill(defaultColor);
  document.fill("#000").font(bold).fontSize(22).text(words.letter.title, margin, margin);
  if (letter.name !== undefined && isPrintable(letter.name)) fact(document, "", letter.name, regular);
  fact(document, rows.address, letter.address);
  fact(document, rows.userName, letter.address);
  if (letter.password === undefined) fact(document, rows.password, rows.passwordValue, regular);
  else fact(document, words.letter.firstPassword, letter.password);
  document.moveDown(0.5).font(regular).fontSize(11).text(words.letter.advice);
  if (letter.webmailUrl !== undefined) fact(document, words.letter.webmail, letter.webmailUrl);
  if (letter.pageUrl !== undefined) {
    fact(document, words.letter.page, letter.pageUrl);
    if (letter.isReachable) code(document, letter.pageUrl);
  }
  for (const { protocol, host, port, security } of letter.servers) {
    const label = protocol === "SMTP" ? rows.outgoing : rows.incoming;
    fact(document, label, `${protocol}  ${host}  ${port}  ${security}`);
  }
  if (letter.fingerprint !== undefined)
    fact(document, words.letter.fingerprint, letter.fingerprint, fixed, 9);
}

function fact(document: PDFKit.PDFDocument, label: string, value: string, font = fixed, size = 13): void {
  document.moveDown(0.8).fontSize(10).font(regular);
  if (label !== "") document.fill("#49525c").text(label);
  document.fill("#000").font(font).fontSize(size).text(value);
}

/** The modules of a QR code as squares: sharp at any resolution. */
function code(document: PDFKit.PDFDocument, url: string): void {
  const modules = encodeQr(url, "raw", { border: 2 });
  const side = codeSize / modules.length;
  const top = document.y + 8;
  for (const [row, cells] of modules.entries()) {
    for (const [column, isDark] of cells.entries())
      if (isDark) document.rect(margin + column * side, top + row * side, side, side);
  }
  document.fill("#000");
  document.y = top + codeSize;
}

/** Whether the fonts that every PDF reader has can show it: Western Europe's letters (Latin-1). */
export function isPrintable(text: string): boolean {
  return /^[\u0020-\u007E\u00A1-\u00FF]*$/.test(text);
}
