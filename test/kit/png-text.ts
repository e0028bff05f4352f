import { crc32 } from "node:zlib";

/** A text within a PNG, as programs write their names there (W3C PNG, section 11.3.3). Latin-1. */
export function withTextInPng(png: Buffer, keyword: string, text: string): Buffer {
  const { end } = chunkOf(png, "IEND");
  // Length, type and checksum have four bytes each, and IEND nothing else.
  const before = png.subarray(0, end - 12);
  return Buffer.concat([
    before,
    chunk("tEXt", Buffer.from(`${keyword}\0${text}`, "latin1")),
    png.subarray(end - 12),
  ]);
}

/** @returns undefined where the picture has no text of this keyword */
export function textOfPng(png: Buffer, keyword: string): string | undefined {
  for (const { type, data } of chunks(png)) {
    const [found, text] = type === "tEXt" ? data.toString("latin1").split("\0") : [];
    if (found === keyword) return text;
  }
  return undefined;
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [data.length, crc32(typed)].map((number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    return bytes;
  });
  return Buffer.concat([length ?? Buffer.alloc(0), typed, checksum ?? Buffer.alloc(0)]);
}

function chunkOf(png: Buffer, type: string) {
  const found = [...chunks(png)].find((each) => each.type === type);
  if (found === undefined) throw new Error(`The PNG has no ${type}.`);
  return found;
}

function* chunks(png: Buffer) {
  // After the signature.
  for (let start = 8; start + 12 <= png.length; ) {
    const length = png.readUInt32BE(start);
    const end = start + 12 + length;
    yield { type: png.toString("latin1", start + 4, start + 8), data: png.subarray(start + 8, end - 4), end };
    start = end;
  }
}
