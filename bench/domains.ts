/** What a preview costs a stack of many domains. */
import { Lab } from "../test/kit/lab.ts";
import { type CpuTime, cpuTime, formatCpuTime, medianCpuTime } from "./cpu-time.ts";
import { type Figure, seconds } from "./figure.ts";

const rounds = 5;

/** A preview without changes with 10 and with 50 domains against one with a single domain, each in a lab of its own. */
export async function measureDomains(): Promise<Figure[]> {
  const labs = new Map<number, Lab>();
  try {
    for (const count of [1, 10, 50]) {
      const lab = await Lab.create(settings(count));
      labs.set(count, lab);
      await lab.up();
    }
    const previews = new Map([...labs.keys()].map((count) => [count, [] as CpuTime[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [count, lab] of labs) {
        previews.get(count)?.push(await cpuTime(() => lab.preview(["--expect-no-changes"])));
      }
    }
    const [one, ...many] = [...previews].map(([count, all]) => ({ count, cpu: medianCpuTime(all) }));
    if (one === undefined) throw new Error("nothing was measured");
    return many.map(({ count, cpu }) => ({
      name: `no-op preview with ${count} domains / with one`,
      value: cpu.total / one.cpu.total,
      unit: "ratio",
      limit: 1.5,
      detail: `CPU ${formatCpuTime(cpu)} / ${formatCpuTime(one.cpu)}; ${seconds(cpu.wall)} / ${seconds(one.cpu.wall)} pass; medians of ${rounds}`,
    }));
  } finally {
    for (const lab of labs.values()) await lab.takeDown();
  }
}

function settings(count: number): Record<string, unknown> {
  const domains = Array.from({ length: count }, (_, index) => ({
    name: `d${index}.example`,
    mailboxes: [{ name: "ana", password: "123456" }],
  }));
  return { lab: true, domains };
}
