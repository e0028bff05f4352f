/** What the plan of many domains' records costs. */
import { planRecords, type RecordDescription } from "../records/index.ts";
import { fullDomain, server } from "../test/records/sample.ts";
import { type Figure, median } from "./figure.ts";

const rounds = 7;

/** A thousand domains against a hundred, each domain's share: 1 is linear. */
export function measureRecordPlan(): Figure[] {
  const few = describeMany(100);
  const many = describeMany(1_000);
  const shares = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    shares.few.push(milliseconds(() => planRecords(few)) / 100);
    shares.many.push(milliseconds(() => planRecords(many)) / 1_000);
  }
  const [one, other] = [median(shares.many), median(shares.few)];
  return [
    {
      name: "plan of a domain's records, of 1,000 / of 100",
      value: one / other,
      unit: "ratio",
      limit: 2,
      detail: `${(one * 1000).toFixed(0)} ms for 1,000 domains, medians of ${rounds}`,
    },
  ];
}

/** Domains with everything, whose reports go to one another. */
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

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
