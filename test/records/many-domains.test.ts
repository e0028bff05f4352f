import { expect, test } from "vitest";
import { planRecords } from "../../records/index.ts";
import { describeMany } from "./sample.ts";

test("the plan of many is complete", () => {
  const { groups } = planRecords(describeMany(50));
  expect(groups).toHaveLength(51);
  // The first one also authorizes the reports of all others.
  expect(new Set(groups.slice(2).map(({ records }) => records.length)).size).toBe(1);
  expect(groups[1]?.records.length).toBe((groups[2]?.records.length ?? 0) + 49);
});
