import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { byPath, type ConfigurationFile, compareText } from "./configuration-file.ts";

const PATH = /^[A-Za-z0-9_@][A-Za-z0-9._@+-]*(?:\/[A-Za-z0-9_@][A-Za-z0-9._@+-]*)*$/;
const LISTED = /^([0-9a-f]{64}) {2}(\d+) {2}(.+)$/;

/** The file that says who reads the others: a line for each file that does, with its mode, its owner and its path. */
const ACCESS = "access";
const ACCESS_LINE = /^(0[0-7]{3}) {2}(\S+) {2}(.+)$/;
const OWNER = /^[a-z_][a-z0-9_-]*(?::[a-z_][a-z0-9_-]*)?$/;
/** In the owner's place: the user that unpacks the generation. */
const UNPACKER = "-";
const PRIVATE = 0o600;

/**
 * A server's whole configuration as one file: the sum of the list, and from the second line on, as gzip (RFC 1952): the
 * list with each file's sum, length in bytes and path, an empty line, and the files one after another. A server takes a
 * generation only when every sum matches, so a half-written upload is never put into force.
 *
 * Who reads each file is in the list `access`. It is a file like the others, so that images from before it still take
 * such a generation: during an upgrade it arrives before the container is replaced.
 *
 * As gzip, since with ten thousand mailboxes it travels four times before it arrives. Its bytes may be others on another machine:
 * a generation is what its list says.
 *
 * @throws RangeError if a path is given twice, is absolute, or has a hidden or `..` part; if an owner is not
 * `user` or `user:group`, or a mode lets anybody else write or execute.
 */
export function renderGeneration(files: readonly ConfigurationFile[]): Buffer {
  return pack([...files, { path: ACCESS, content: renderAccess(files) }]);
}

function renderAccess(files: readonly ConfigurationFile[]): string {
  return byPath(files)
    .filter(({ owner, mode }) => owner !== undefined || mode !== undefined)
    .map(({ path, owner = UNPACKER, mode = PRIVATE }) => {
      if (owner !== UNPACKER && !OWNER.test(owner)) {
        throw new RangeError(`"${owner}" cannot own ${path}: use "user" or "user:group"`);
      }
      if (!Number.isInteger(mode) || (mode & ~0o644) !== 0) {
        throw new RangeError(`mode ${mode.toString(8)} of ${path} is not out of 644`);
      }
      return `${mode.toString(8).padStart(4, "0")}  ${owner}  ${path}\n`;
    })
    .join("");
}

function pack(files: readonly ConfigurationFile[]): Buffer {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (!PATH.test(path)) throw new RangeError(`"${path}" cannot be a configuration file's path`);
    if (seen.has(path)) throw new RangeError(`"${path}" is rendered twice`);
    seen.add(path);
  }
  const sorted = byName(files);
  const list = sorted
    .map(({ path, content }) => `${sha256(content)}  ${Buffer.byteLength(content)}  ${path}\n`)
    .join("");
  const packed = `${list}\n${sorted.map(({ content }) => content).join("")}`;
  // Lower levels find only half of what the domains of a web server have in common.
  const compressed = gzipSync(packed, { level: 4 });
  return Buffer.concat([Buffer.from(`${sha256(list)}\n`), compressed]);
}

/**
 * Sorted by the name of the file, then by that of its folder, and so on: gzip remembers 32 KiB, and what the domains of a web
 * server have under one name is nearly the same text.
 */
function byName(files: readonly ConfigurationFile[]): ConfigurationFile[] {
  const keyed = files.map((file) => ({ file, key: file.path.split("/").toReversed().join("/") }));
  return keyed.toSorted((one, other) => compareText(one.key, other.key)).map(({ file }) => file);
}

/**
 * The files of a generation as a server unpacks them, by path.
 *
 * @throws RangeError if it is none, or not whole.
 */
export function parseGeneration(generation: Buffer): ConfigurationFile[] {
  const text = unpack(generation);
  const end = text.indexOf("\n\n");
  const list = text.subarray(0, end + 1).toString();
  const sum = generation.subarray(0, generation.indexOf("\n")).toString();
  let isWhole = sha256(list) === sum;
  let at = end + 2;
  // In whatever order they are: other versions have another one.
  const files = list
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [, expected, length, path = ""] = LISTED.exec(line) ?? [];
      if (length === undefined) throw new RangeError(`"${line}" lists no file of a generation`);
      const content = text.subarray(at, at + Number(length)).toString();
      at += Number(length);
      isWhole &&= sha256(content) === expected;
      return { path, content };
    });
  if (!isWhole || at !== text.length) throw new RangeError("the generation is not whole");
  const access = parseAccess(files.find(({ path }) => path === ACCESS)?.content ?? "");
  const others = files.filter(({ path }) => path !== ACCESS);
  return byPath(others).map((file) => ({ ...file, ...access.get(file.path) }));
}

function parseAccess(text: string): Map<string, Pick<ConfigurationFile, "owner" | "mode">> {
  const lines = text.split("\n").slice(0, -1);
  return new Map(
    lines.map((line) => {
      const [, mode = "", owner, path] = ACCESS_LINE.exec(line) ?? [];
      if (path === undefined) throw new RangeError(`"${line}" does not say who reads a file`);
      return [path, { mode: Number.parseInt(mode, 8), ...(owner === UNPACKER ? {} : { owner }) }];
    }),
  );
}

function unpack(generation: Buffer): Buffer {
  try {
    return gunzipSync(generation.subarray(generation.indexOf("\n") + 1));
  } catch (error) {
    throw new RangeError("the generation is not whole", { cause: error });
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
