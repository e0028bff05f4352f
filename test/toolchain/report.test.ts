import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { formatDuration, Report } from "../../toolchain/report.ts";

test.each([
  [0, "0.0 s"],
  [950, "0.9 s"],
  [9_949, "9.9 s"],
  [12_400, "12 s"],
  [59_499, "59 s"],
  [59_600, "1 min 0 s"],
  [83_000, "1 min 23 s"],
  [3_600_000, "60 min 0 s"],
])("%d ms are %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test("without a terminal, long work writes whole lines, and stops when it is done", async () => {
  const written: string[] = [];
  const report = new Report({ write: (text) => written.push(text) }, 20);
  await report.during("building", async (detail) => {
    detail("  part one\n");
    await sleep(50);
  });
  report.done("built", 1_000);
  const atEnd = written.length;
  await sleep(50);
  expect(written).toHaveLength(atEnd);
  // Whenever the machine had time for the first of them.
  expect(written[0]).toMatch(/^… building \(\d+(\.\d)? s\): part one\n$/);
  expect(written.at(-1)).toBe("✔ built (1.0 s)\n");
});

test("on a terminal the line is redrawn within its width, and erased at the end", async () => {
  const written: string[] = [];
  const report = new Report({ write: (text) => written.push(text), isTTY: true, columns: 30 });
  await report.during("building something with a long name", () => sleep(150));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence that erases a line is one.
  const erase = /^\r\x1b\[2K/;
  expect(written[0]).toMatch(erase);
  expect(written[0]?.replace(erase, "")).toHaveLength(29);
  expect(written.at(-1)).toBe("\r\x1b[2K");
});

test("short work says nothing", async () => {
  const written: string[] = [];
  await new Report({ write: (text) => written.push(text) }).during("looking", async () => {});
  expect(written).toEqual([]);
});

test("work that fails ends its line, too", async () => {
  const written: string[] = [];
  const report = new Report({ write: (text) => written.push(text) }, 10);
  await expect(report.during("building", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await sleep(30);
  expect(written).toEqual([]);
});
