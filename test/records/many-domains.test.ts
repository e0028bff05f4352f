import { expect, test } from "vitest";
import { planRecords, type RecordDescription } from "../../records/index.ts";
import { fullDomain, server } from "./sample.ts";

/** A stack of many domains with everything, whose reports go to one another. */
function describeMany(count: number): RecordDescription {
  const names = Array.from({ length: count }, (_, index) => `d${index}.example`);
  return {
    zones: ["example.org", ...names].map((name) => ({ name, signed: true })),
    servers: [server],
    domains: names.map((domain) => ({
      ...fullDomain,
      domain,
      dmarc: { policy: "reject", reportAddresses: [`dmarc@${names[0]}`, "d@reports.example"] },
    })),
    parkedDomains: [],
  };
}

test("the plan of many is complete", () => {
  const { groups } = planRecords(describeMany(50));
  expect(groups).toHaveLength(51);
  // The first one has the leave for the reports of all others besides.
  expect(new Set(groups.slice(2).map(({ records }) => records.length)).size).toBe(1);
  expect(groups[1]?.records.length).toBe((groups[2]?.records.length ?? 0) + 49);
});
