/** What the plan of many domains' records costs. */
import { planRecords } from "../records/index.ts";
import { describeMany } from "../test/records/sample.ts";
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

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
