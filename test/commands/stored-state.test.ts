import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { isStored, lastUpdate, storedDeployment } from "../../commands/stored-state.ts";

const folder = mkdtempSync(join(tmpdir(), "maildomain-stored-"));
const root = join(folder, ".pulumi");
afterEach(() => rmSync(root, { recursive: true, force: true }));

const state = (resources: number) =>
  JSON.stringify({
    version: 3,
    checkpoint: { stack: "lab", latest: { resources: Array(resources).fill({}) } },
  });
const initialised = JSON.stringify({ version: 3, checkpoint: { stack: "lab" } });
const [file, former] = ["stacks/maildomain/lab.json", "stacks/maildomain/lab.json.bak"];
const history = "history/maildomain/lab/lab-17.checkpoint.json";
const updated = "history/maildomain/lab/lab-15.checkpoint.json";
const backup = "backups/maildomain/lab/lab.16.json";

/** Each file is an hour older than the one before it. */
function write(files: Readonly<Record<string, string>>): void {
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    const whole = join(root, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, content);
    const hour = new Date(Date.UTC(2030, 0, 1, 12 - index));
    utimesSync(whole, hour, hour);
  }
}

const content = () =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ["one that was never made", { "meta.yaml": "version: 1" }, false],
  ["one that was just made", { [file]: initialised }, true],
  ["one in use", { [file]: state(9), [former]: state(8), [history]: state(9) }, true],
  [
    "one whose resources were destroyed",
    { [file]: state(0), [history]: state(0), [updated]: state(9), [former]: state(1), [backup]: state(9) },
    true,
  ],
  ["one that was removed, which takes its history along", { [former]: state(9), [backup]: state(9) }, false],
])("%s is nothing to complain about", (_, files, stored) => {
  write(files);
  expect(isStored(folder, "lab")).toBe(stored);
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  [
    "cut off",
    { [file]: state(9).slice(0, -9), [former]: state(8), [backup]: state(7) },
    /damaged: .*lab\.json is not what .*\n.*lab\.json\.bak \(8 resources, of 2030-01-01 11:00 UTC/,
  ],
  [
    "empty, and so is its backup",
    { [file]: "", [former]: initialised, [history]: state(9) },
    /damaged: .*lab\.json is empty\. Nothing was changed\.\n.*lab-17\.checkpoint\.json \(9 resources/,
  ],
  ["something else", { [file]: "{}", [former]: "x", [backup]: state(7) }, /damaged: .*\n.*lab\.16\.json \(7/],
  [
    "missing",
    { [history]: state(9), [former]: state(8) },
    /missing: .*\n.*lab-17\.checkpoint\.json \(9 resources/,
  ],
  [
    "that of a new stack in its place",
    { [file]: initialised, [former]: initialised, [history]: state(9) },
    /has no resources, and the last `up` left 9\. .*\n.*lab-17/,
  ],
  ["damaged, without any copy", { [file]: "{" }, /damaged: .*\nNo good copy is beside it/],
])(
  "one that is %s is refused: which copy is good, how to go back, and what is lost without it",
  (_, files, expected) => {
    write(files);
    const before = content();
    const refused = () => isStored(folder, "lab");
    expect(refused).toThrow(expected);
    expect(refused).toThrow(/new keys, certificates and generated passwords/);
    if (!/No good copy/.test(expected.source))
      expect(refused).toThrow(/\n {2}cp .*\/lab.*json.* .*\/lab\.json\n/);
    expect(content()).toEqual(before);
  },
);

test("an export has what an update had begun, and the last update is the newest of the history", () => {
  const latest = { resources: [{ urn: "a" }], pending_operations: [{ type: "creating" }] };
  const entry = (kind: string) => JSON.stringify({ kind, resourceChanges: { same: 1 } });
  write({
    [file]: JSON.stringify({ version: 3, checkpoint: { stack: "lab", latest } }),
    "history/maildomain/lab/lab-17.history.json": entry("refresh"),
    "history/maildomain/lab/lab-18.history.json": entry("update"),
    "history/maildomain/lab/lab-18.history.json.attrs": "{}",
    "history/maildomain/lab/lab-19.checkpoint.json": "{}",
  });
  expect(JSON.parse(storedDeployment(folder, "lab") ?? "")).toEqual({ version: 3, deployment: latest });
  expect(lastUpdate(folder, "lab")).toEqual({ kind: "update", resourceChanges: { same: 1 } });
  expect(lastUpdate(folder, "other")).toBeUndefined();
  // What is compressed is the CLI's to read.
  write({ "history/maildomain/lab/lab-20.history.json.gz": "" });
  expect(lastUpdate(folder, "lab")).toBeUndefined();
});
