/** What a preview costs a stack of many domains. */
import { Lab } from "../test/kit/lab.ts";
import { type Figure, median, seconds, time } from "./figure.ts";

const rounds = 3;

/** A preview without changes with 10 and with 50 domains against one with a single domain, in one lab. */
export async function measureDomains(): Promise<Figure[]> {
  const lab = await Lab.create(settings(1));
  try {
    const one = await previewOf(lab, 1);
    const figures: Figure[] = [];
    for (const count of [10, 50]) {
      const many = await previewOf(lab, count);
      const detail = `${seconds(many)} / ${seconds(one)}, medians of ${rounds}`;
      const name = `no-op preview with ${count} domains / with one`;
      figures.push({ name, value: many / one, unit: "ratio", limit: 1.5, detail });
    }
    return figures;
  } finally {
    await lab.takeDown();
  }
}

async function previewOf(lab: Lab, count: number): Promise<number> {
  await lab.configure(settings(count));
  await lab.up();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(await time(() => lab.preview(["--expect-no-changes"])));
  }
  return median(times);
}

function settings(count: number): Record<string, unknown> {
  const domains = Array.from({ length: count }, (_, index) => ({
    name: `d${index}.example`,
    mailboxes: [{ name: "ana", password: "123456" }],
  }));
  return { lab: true, domains };
}
