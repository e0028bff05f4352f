import { expect, test } from "vitest";
import { parseProcesses, secondsBetween } from "../../bench/container-cpu.ts";

/** A line of /proc/PID/stat; times in ticks of 10 ms. */
function line(
  id: number,
  name: string,
  parent: number,
  startedAt: number,
  own: number,
  ended: number,
): string {
  const fields = [
    id,
    `(${name})`,
    "S",
    parent,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    own,
    0,
    ended,
    0,
    20,
    0,
    1,
    0,
    startedAt,
    9,
  ];
  return `${fields.join(" ")}\n`;
}

test("each program's own time, and that of what has ended by its parent's name", () => {
  const before = parseProcesses(
    line(1, "s6-svscan", 0, 1, 5, 5) +
      line(10, "dovecot", 1, 2, 100, 1000) +
      line(11, "lmtp", 10, 3, 300, 0) +
      line(12, "lmtp", 10, 4, 50, 0) +
      line(13, "rspamd: (x) y", 1, 5, 400, 0),
  );
  // 12 has ended, after 70 ticks in all; its number is another program's now. 14 is new.
  const after = parseProcesses(
    line(1, "s6-svscan", 0, 1, 5, 5) +
      line(10, "dovecot", 1, 2, 110, 1070) +
      line(11, "lmtp", 10, 3, 500, 0) +
      line(12, "imap", 10, 90, 30, 0) +
      line(13, "rspamd: (x) y", 1, 5, 450, 0) +
      line(14, "lmtp", 10, 91, 25, 0),
  );
  expect([...secondsBetween(before, after)]).toEqual([
    ["lmtp", 2.25],
    ["rspamd: (x) y", 0.5],
    ["imap", 0.3],
    ["dovecot's ended processes", 0.2],
    ["dovecot", 0.1],
  ]);
});
