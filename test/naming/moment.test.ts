import { expect, test } from "vitest";
import { formatDay, formatMoment } from "../../naming/moment.ts";

test("a time for people is in UTC, to the minute", () => {
  const moment = new Date("2027-01-31T23:30:59-02:00");
  expect(formatMoment(moment)).toBe("2027-02-01 01:30 UTC");
  expect(formatDay(moment)).toBe("2027-02-01");
});
