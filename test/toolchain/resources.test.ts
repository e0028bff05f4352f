import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { diskFinding, memoryFinding, resourceFindings } from "../../toolchain/resources.ts";

const GIB = 2 ** 30;

test.each([
  [memoryFinding(3.25 * GIB, 8 * GIB), "memory: 3.3 GiB of 8.0 GiB free", undefined],
  [memoryFinding(0.5 * GIB, 2 * GIB), "memory: 0.5 GiB of 2.0 GiB free", "Less than 1.0 GiB is free"],
  [diskFinding("/srv", 60 * GIB), "disk: 60.0 GiB free in /srv", undefined],
  [diskFinding("/srv", 2 * GIB), "disk: 2.0 GiB free in /srv", "A first `up` needs up to 4.0 GiB."],
])("%j", ({ found, note }, line, advice) => {
  expect(found).toBe(line);
  if (advice === undefined) expect(note).toBeUndefined();
  else expect(note).toContain(advice);
});

test("this machine's, each file system once", async () => {
  const [memory, ...disks] = await resourceFindings([tmpdir(), tmpdir(), "/nowhere"]);
  const [, free = "", total = ""] =
    /^memory: ([\d.]+) GiB of ([\d.]+) GiB free$/.exec(memory?.found ?? "") ?? [];
  expect(Number(total)).toBeGreaterThan(0);
  expect(Number(free)).toBeLessThanOrEqual(Number(total));
  expect(disks.map(({ found }) => found.replace(/[\d.]+/, "N"))).toEqual([`disk: N GiB free in ${tmpdir()}`]);
});
