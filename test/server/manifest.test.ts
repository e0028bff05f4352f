import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { generationId, renderManifest } from "../../server/manifest.ts";

const files = [
  { path: "tls/pair.pem", content: "b\n" },
  { path: "postfix/main.cf", content: "ã\n" },
];

test("is sorted by path and in the form of coreutils", () => {
  expect(renderManifest(files)).toMatchInlineSnapshot(`
    {
      "content": "5f4f70cabf696f021608843e58aa49d27bfabd597ced4f28fbdc4cd6e062a96b  postfix/main.cf
    0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f  tls/pair.pem
    ",
      "path": "SHA256SUMS",
    }
  `);
  expect(generationId(renderManifest(files))).toMatchInlineSnapshot(`"ef8ee23da9d5e742"`);
});

test("sha256sum finds every file as it is listed", () => {
  const folder = mkdtempSync(join(tmpdir(), "manifest-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const { path, content } of [...files, renderManifest(files)]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const report = execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: folder });
  expect(report.toString()).toBe("postfix/main.cf: OK\ntls/pair.pem: OK\n");
});

test("the id changes with any content, and not with the order", () => {
  const file = fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/), content: fc.string() });
  const generation = fc.uniqueArray(file, { minLength: 1, selector: ({ path }) => path });
  fc.assert(
    fc.property(generation, fc.nat(), (some, pick) => {
      const id = generationId(renderManifest(some));
      expect(generationId(renderManifest(some.toReversed()))).toBe(id);
      const changed = some.map((one, i) =>
        i === pick % some.length ? { ...one, content: `${one.content}.` } : one,
      );
      expect(generationId(renderManifest(changed))).not.toBe(id);
    }),
  );
});

test.each(["/etc/passwd", "../x", "a/../b", "a//b", "a b", ".hidden", "a/", "", "a\nb"])(
  "refuses the path %j",
  (path) => {
    expect(() => renderManifest([{ path, content: "" }])).toThrow("cannot be a configuration file's path");
  },
);

test("refuses a path that is rendered twice", () => {
  const twice = [...files, { path: "tls/pair.pem", content: "" }];
  expect(() => renderManifest(twice)).toThrow('"tls/pair.pem" is rendered twice');
});
