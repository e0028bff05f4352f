/** `npm run catalogue`: makes every change of the catalogue, and writes docs/changes.md where all is as written. */
import { writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { print } from "../../../toolchain/print.mjs";
import { changes } from "./changes/index.ts";
import { Driver, type Result } from "./driver.ts";
import { type MeasuredChange, type Measurements, measure } from "./measurements.ts";
import { drawOrder, randomNumbers, withNeeded } from "./order.ts";
import { changesPage } from "./page.ts";
import { inGroups, together } from "./together.ts";

const measuredFile = fileURLToPath(new URL("measured.json", import.meta.url));
const pageFile = fileURLToPath(new URL("../../../docs/changes.md", import.meta.url));

const option = { type: "string" } as const;
const { values } = parseArgs({ options: { seed: option, only: option, together: option } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const random = randomNumbers(seed);
const wanted = values.only === undefined ? changes : withNeeded(changes, values.only.split(","));
const order = drawOrder(wanted, random);
print(`Seed ${seed}: ${order.map(({ id }) => id).join(", ")}\n`);

const before = loadavg()[0] ?? 0;
const measured: Record<string, MeasuredChange> = {};
let failed = 0;
const groups = inGroups(order, Number(values.together ?? 1));
const driver = await Driver.start(random);
try {
  for (const [index, group] of groups.entries()) {
    const change = together(group);
    const title = `${index + 1}/${groups.length} ${change.id}`;
    if (change.knownFault !== undefined) {
      print(`- ${title}: left out, ${change.knownFault}\n`);
      continue;
    }
    try {
      const result = await driver.make(change);
      for (const { id } of group) measured[id] = { ...measure(result), together: group.length };
      print(report(title, result));
      failed += result.differences.length === 0 ? 0 : 1;
    } catch (error) {
      print(`✘ ${title}: ${error instanceof Error ? error.message : error}\n`);
      failed += 1;
    }
  }
} finally {
  await driver.stop();
}

const isWhole = order.length === changes.length;
if (isWhole && failed === 0) {
  const measurements: Measurements = {
    day: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: [before, loadavg()[0] ?? 0],
    seed,
    order: order.map(({ id }) => id),
    changes: measured,
  };
  await writeFile(measuredFile, `${JSON.stringify(measurements, undefined, 2)}\n`);
  await writeFile(pageFile, changesPage(changes, measurements));
  print("Written to docs/changes.md\n");
}
print(`${groups.length - failed} as written, ${failed} not\n`);
process.exitCode = failed === 0 ? 0 : 1;

function report(title: string, result: Result): string {
  const { review, up, away } = measure(result);
  const outages = Object.entries(away).map(([service, seconds]) => `, ${service} away for ${seconds} s`);
  const lines = [
    `${result.differences.length === 0 ? "✔" : "✘"} ${title}: review ${review} s, up ${up} s${outages.join("")}`,
    ...result.differences.map((difference) => `    ${difference}`),
  ];
  return `${lines.join("\n")}\n`;
}
