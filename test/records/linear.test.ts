import { expect, test } from "vitest";
import { planRecords, type RecordDescription, recordProblems } from "../../records/index.ts";
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

function fastest(work: () => void): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

test("a thousand domains take ten times as long as a hundred, not a hundred times", () => {
  const few = describeMany(100);
  const many = describeMany(1_000);
  const ratio = fastest(() => planRecords(many)) / fastest(() => planRecords(few));
  expect(ratio).toBeLessThan(30);
});

test("so do the problems of a thousand domains", () => {
  const broken = (count: number): RecordDescription => {
    const description = describeMany(count);
    return { ...description, domains: [...description.domains, ...description.domains] };
  };
  const few = broken(100);
  const many = broken(1_000);
  expect(recordProblems(few).length).toBeGreaterThan(100);
  const ratio = fastest(() => recordProblems(many)) / fastest(() => recordProblems(few));
  expect(ratio).toBeLessThan(30);
});

test("the plan of many is complete", () => {
  const { groups } = planRecords(describeMany(50));
  expect(groups).toHaveLength(51);
  // The first one has the leave for the reports of all others besides.
  expect(new Set(groups.slice(2).map(({ records }) => records.length)).size).toBe(1);
  expect(groups[1]?.records.length).toBe((groups[2]?.records.length ?? 0) + 49);
});
