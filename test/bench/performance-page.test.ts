import { expect, test } from "vitest";
import type { Figure } from "../../bench/figure.ts";
import { runHistory } from "../../bench/history.ts";
import { describeMachine, seenLoad } from "../../bench/machine.ts";
import { performancePage } from "../../bench/performance-page.ts";

const figure = (name: string, value: number): Figure => ({ name, value, unit: "ratio", detail: "" });

test("the page hands on the runs before, the newest first, and what people wrote", () => {
  const first = performancePage([figure("no-op preview with 50 domains / with one", 2.8)], [], {
    day: "2026-11-27",
    load: "1 to 3",
  });
  expect(first).toContain("| 2026-11-27 | 1 to 3 |  |  |  | 2.80 |  |  |");
  const second = performancePage(
    [figure("no-op preview with 50 domains / with one", 2.1), figure("verify of the lab", 3)],
    [],
    { day: "2026-11-28", load: "20 to 30" },
    `${first}\n## Where a message's time goes\n\n| a | b |\n| --- | --- |\n| by hand | 1 |\n`,
  );
  const rows = second.split("\n").filter((text) => /^\| 2026/.test(text));
  expect(rows).toEqual([
    "| 2026-11-28 | 20 to 30 |  |  |  | 2.10 |  | 3.00 |",
    "| 2026-11-27 | 1 to 3 |  |  |  | 2.80 |  |  |",
  ]);
  expect(second).toContain("| by hand | 1 |");
  expect(second.match(/written by hand/g)).toHaveLength(1);
});

test("twelve runs are kept", () => {
  let page = "";
  for (let day = 1; day <= 14; day++) page = runHistory({ day: `day ${day}`, load: "" }, [], page);
  expect(page.match(/^\| day (\d+)/gm)).toHaveLength(12);
  expect(page).toContain("| day 14 |");
  expect(page).not.toContain("| day 2 |");
});

test("the machine, and how loaded it is", () => {
  expect(describeMachine()).toMatch(/^\d+ × \S.*, \d+ GiB of memory, Linux \d/);
  const { from, to } = seenLoad();
  expect(from).toBeLessThanOrEqual(to);
});
