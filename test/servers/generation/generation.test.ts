import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { parseGeneration, renderGeneration } from "../../../servers/generation/generation.ts";
import { generationId } from "../../../servers/generation/generation-id.ts";
import { formerGeneration } from "../../kit/former-generation.ts";

const files = [
  { path: "tls/pair.pem", content: "b\n\nc", owner: "root:daemon", mode: 0o640 },
  { path: "postfix/main.cf", content: "ã\n" },
];
const path = fc.stringMatching(/^[a-z]{1,8}$/).filter((name) => name !== "access");
const owner = fc.constantFrom(undefined, "root", "root:_rspamd");
const mode = fc.constantFrom(undefined, 0o600, 0o640, 0o644);
const file = fc.record({ path, content: fc.string({ unit: "grapheme" }), owner, mode });
const generations = fc.uniqueArray(file, { minLength: 1, selector: ({ path }) => path });

test("is sorted by file name, with lengths in bytes", () => {
  const generation = renderGeneration(files);
  const start = generation.indexOf("\n") + 1;
  expect(
    generation.subarray(0, start) + gunzipSync(generation.subarray(start)).toString(),
  ).toMatchInlineSnapshot(`
    "dc38f908c9c49a854b8007ab408b8b27784dc954765aa91d1f95f17fd1f3504f
    bd546bb8cb731d6d48bb67e7881b227795fdf73e3f01bfc11b7f9e1d7d6d43fe  32  access
    5f4f70cabf696f021608843e58aa49d27bfabd597ced4f28fbdc4cd6e062a96b  3  postfix/main.cf
    f392520376c0647a0200f3068a4ca2767b61312e928f496ed59c5b5b4a677642  4  tls/pair.pem

    0640  root:daemon  tls/pair.pem
    ã
    b

    c"
  `);
  expect(generationId(generation)).toMatchInlineSnapshot(`"dc38f908c9c49a85"`);
});

test("images from before the list of who reads what take it: to them it is one more file", () => {
  const generation = renderGeneration(files);
  const [list = ""] = gunzipSync(generation.subarray(65)).toString().split("\n\n");
  for (const line of list.split("\n")) {
    expect(line).toMatch(/^[0-9a-f]{64} {2}[0-9]+ {2}[A-Za-z0-9_@][A-Za-z0-9._@+/-]*$/);
  }
});

test("says who reads each file, and one from before says nothing", () => {
  expect(parseGeneration(renderGeneration(files))).toEqual([files[1], files[0]]);
  const plain = files.map(({ path, content }) => ({ path, content }));
  expect(parseGeneration(formerGeneration(files))).toEqual(plain.toReversed());
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
  expect(report.toString()).toBe("access: OK\npostfix/main.cf: OK\ntls/pair.pem: OK\n");
});

const images = fileURLToPath(new URL("../../../images", import.meta.url));
/** Unpacks a generation as a server does, and gives its files to those who read them. */
function take(generation: Buffer, server?: string): { readonly folder: string; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), "generation-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "generation"), generation);
  const run = (program: string, ...args: string[]) =>
    spawnSync("bash", ["-c", 'umask 077; exec "$0" "$@"', join(images, program), ...args], { cwd: folder });
  expect(run("generation/unpack-generation", "generation", "unpacked").status).toBe(0);
  if (server !== undefined) expect(run(`${server}/complete-former`, "unpacked").status).toBe(0);
  const { status, stdout } = run("generation/apply-access", "unpacked");
  return { folder: join(folder, "unpacked"), said: `${status} ${stdout}` };
}
/** Permission bits by path, the folder's own under ".". */
const modesIn = (folder: string, ...paths: string[]) =>
  paths.map((path) => `${(statSync(join(folder, path)).mode & 0o777).toString(8)} ${path}`);

test("only who is named reads a file", () => {
  const { folder, said } = take(
    renderGeneration([
      { path: "a/open", content: "", mode: 0o644 },
      { path: "a/silent", content: "" },
      { path: "b/c/shared", content: "", owner: userInfo().username, mode: 0o640 },
      { path: "d/silent", content: "" },
    ]),
  );
  expect(said).toBe("0 ");
  expect(modesIn(folder, ".", "a", "a/open", "a/silent", "b", "b/c", "b/c/shared", "d", "d/silent")).toEqual([
    "711 .",
    "711 a",
    "644 a/open",
    "600 a/silent",
    "711 b",
    "711 b/c",
    "640 b/c/shared",
    "700 d",
    "600 d/silent",
  ]);
});

test.each([
  ["0640  nobodys  a\n", "a is to be read by nobodys, whom this image does not have"],
  ["0640  root:nobodys  a\n", "a is to be read by the group nobodys, which this image does not have"],
  ["0666  -  a\n", "a may be changed by others"],
  ["0640  -  b\n", "b is not in this generation"],
  ["0640  -  ../a\n", 'the line "0640  -  ../a" is not "<mode>  <owner>  <path>"'],
  ["4755  -  a\n", 'the line "4755  -  a" is not "<mode>  <owner>  <path>"'],
])("a server refuses a list that says %j", (list, reason) => {
  const { folder, said } = take(
    formerGeneration([
      { path: "a", content: "" },
      { path: "access", content: list },
    ]),
  );
  expect(said).toBe(`1 access: ${reason}\n`);
  expect(modesIn(folder, ".", "a")).toEqual(["700 .", "600 a"]);
});

test("of a mail server's generation from before, only what is known is for others", () => {
  const paths = ["dovecot/app-passwords", "dovecot/dovecot.conf", "later/secret", "tls/pair.pem"];
  const former = formerGeneration(paths.map((path) => ({ path, content: "" })));
  const { folder, said } = take(former, "mail-server");
  expect(said).toBe("0 ");
  expect(modesIn(folder, ...paths, "passwords/shortest")).toEqual([
    "600 dovecot/app-passwords",
    "644 dovecot/dovecot.conf",
    "600 later/secret",
    "600 tls/pair.pem",
    "644 passwords/shortest",
  ]);
});

test.each([
  [{ owner: "root nobody" }, '"root nobody" cannot own a: use "user" or "user:group"'],
  [{ mode: 0o666 }, "mode 666 of a is not out of 644"],
  [{ mode: 0o755 }, "mode 755 of a is not out of 644"],
])("refuses a file with %j", (access, message) => {
  expect(() => renderGeneration([{ path: "a", content: "", ...access }])).toThrow(message);
});

test("the id changes with any content and any reader, and not with the order", () => {
  fc.assert(
    fc.property(generations, fc.nat(), (some, pick) => {
      const id = generationId(renderGeneration(some));
      expect(generationId(renderGeneration(some.toReversed()))).toBe(id);
      const changed = some.map((one, i) =>
        i === pick % some.length ? { ...one, content: `${one.content}.` } : one,
      );
      expect(generationId(renderGeneration(changed))).not.toBe(id);
      const opened = some.map((one, i) => (i === pick % some.length ? { ...one, mode: 0o444 } : one));
      expect(generationId(renderGeneration(opened))).not.toBe(id);
    }),
  );
});

test.each(["/etc/passwd", "../x", "a/../b", "a//b", "a b", ".hidden", "a/", "", "a\nb"])(
  "refuses the path %j",
  (path) => {
    expect(() => renderGeneration([{ path, content: "" }])).toThrow("cannot be a configuration file's path");
  },
);

test("keeps the list's own path to itself", () => {
  expect(() => renderGeneration([{ path: "access", content: "" }])).toThrow('"access" is rendered twice');
});

test("refuses a path that is rendered twice", () => {
  const twice = [...files, { path: "tls/pair.pem", content: "" }];
  expect(() => renderGeneration(twice)).toThrow('"tls/pair.pem" is rendered twice');
});
