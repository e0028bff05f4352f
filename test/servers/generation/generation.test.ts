import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { generationId, parseGeneration, renderGeneration } from "../../../servers/generation/generation.ts";

const files = [
  { path: "tls/pair.pem", content: "b\n\nc" },
  { path: "postfix/main.cf", content: "ã\n" },
];
const path = fc.stringMatching(/^[a-z]{1,8}$/);
const file = fc.record({ path, content: fc.string({ unit: "grapheme" }) });
const generations = fc.uniqueArray(file, { minLength: 1, selector: ({ path }) => path });

test("is sorted by path, with lengths in bytes", () => {
  const generation = renderGeneration(files);
  const start = generation.indexOf("\n") + 1;
  expect(
    generation.subarray(0, start) + gunzipSync(generation.subarray(start)).toString(),
  ).toMatchInlineSnapshot(`
    "5a05ba483d15151e625561252198022c060c6136b404099e708a819d764fb256
    5f4f70cabf696f021608843e58aa49d27bfabd597ced4f28fbdc4cd6e062a96b  3  postfix/main.cf
    f392520376c0647a0200f3068a4ca2767b61312e928f496ed59c5b5b4a677642  4  tls/pair.pem

    ã
    b

    c"
  `);
  // To the byte: of another machine's, every preview would show a difference.
  expect(generation.subarray(start).toString("base64")).toMatchInlineSnapshot(
    `"H4sIAAAAAAAEAw3M0RHCMAgA0P9MkQmUEgLJOEDCXe+s9mw/3MdRXMwu8GpQCLhacOcAXBhaozJrU6U+UCzURu3ic1BgCxtOPngCo3a2nEvO++s4Y/3cN12fN48UpWNFKMIOTKKAAFGAm5IrCovxUhac/fKo87x8r1aNlEWYMGfK+Xwc913X922fW0q/b7KU/A/MZ1+IrwAAAA=="`,
  );
  expect(generationId(generation)).toMatchInlineSnapshot(`"5a05ba483d15151e"`);
});

test("is read back, and only whole", () => {
  fc.assert(
    fc.property(generations, fc.nat(), (some, pick) => {
      const generation = renderGeneration(some);
      expect(renderGeneration(parseGeneration(generation))).toEqual(generation);
      const cut = generation.subarray(0, pick % generation.length);
      expect(() => parseGeneration(cut)).toThrow(RangeError);
    }),
  );
});

test("a server unpacks what was rendered", () => {
  const folder = mkdtempSync(join(tmpdir(), "generation-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "generation"), renderGeneration(files));
  const unpack = fileURLToPath(new URL("../../../images/generation/unpack-generation", import.meta.url));
  const { status, stdout } = spawnSync(unpack, ["generation", "unpacked"], { cwd: folder });
  expect([status, stdout.toString()]).toEqual([0, renderGeneration(files).toString("latin1", 0, 65)]);
  for (const { path, content } of files) {
    expect(readFileSync(join(folder, "unpacked", path), "utf8")).toBe(content);
  }
  const sums = ["--check", "--strict", "SHA256SUMS"];
  const report = execFileSync("sha256sum", sums, { cwd: join(folder, "unpacked") });
  expect(report.toString()).toBe("postfix/main.cf: OK\ntls/pair.pem: OK\n");
});

test("the id changes with any content, and not with the order", () => {
  fc.assert(
    fc.property(generations, fc.nat(), (some, pick) => {
      const id = generationId(renderGeneration(some));
      expect(generationId(renderGeneration(some.toReversed()))).toBe(id);
      const changed = some.map((one, i) =>
        i === pick % some.length ? { ...one, content: `${one.content}.` } : one,
      );
      expect(generationId(renderGeneration(changed))).not.toBe(id);
    }),
  );
});

test.each(["/etc/passwd", "../x", "a/../b", "a//b", "a b", ".hidden", "a/", "", "a\nb"])(
  "refuses the path %j",
  (path) => {
    expect(() => renderGeneration([{ path, content: "" }])).toThrow("cannot be a configuration file's path");
  },
);

test("refuses a path that is rendered twice", () => {
  const twice = [...files, { path: "tls/pair.pem", content: "" }];
  expect(() => renderGeneration(twice)).toThrow('"tls/pair.pem" is rendered twice');
});
