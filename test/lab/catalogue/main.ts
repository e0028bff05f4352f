/** `npm run catalogue`: makes every change of the catalogue, and writes into docs/changes.md what is as expected. */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { print } from "../../../toolchain/print.mjs";
import type { Change } from "./change.ts";
import { changes } from "./changes/index.ts";
import { Driver, type Result } from "./driver.ts";
import { type MeasuredChange, measure } from "./measurements.ts";
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

const measured: Record<string, MeasuredChange> = JSON.parse(await readFile(measuredFile, "utf8"));
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
      print(report(title, result));
      if (result.differences.length === 0) await keep(group, result);
      else failed += 1;
    } catch (error) {
      print(`✘ ${title}: ${error instanceof Error ? error.message : error}\n`);
      failed += 1;
    }
  }
} finally {
  await driver.stop();
}

print(`${groups.length - failed} as written, ${failed} not\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** At once: a run that is cut off has measured what it has measured. */
async function keep(group: readonly Change[], result: Result): Promise<void> {
  const machine = {
    day: new Date().toISOString().slice(0, 10),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    cores: availableParallelism(),
  };
  for (const { id } of group) measured[id] = { ...machine, together: group.length, ...measure(result) };
  const known = changes.flatMap(({ id }) =>
    measured[id] === undefined ? [] : [[id, measured[id]] as const],
  );
  await writeFile(measuredFile, `${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`);
  await writeFile(pageFile, changesPage(changes, measured));
}

function report(title: string, result: Result): string {
  const { review, up, away } = measure(result);
  const outages = Object.entries(away).map(([service, seconds]) => `, ${service} away for ${seconds} s`);
  const lines = [
    `${result.differences.length === 0 ? "✔" : "✘"} ${title}: review ${review} s, up ${up} s${outages.join("")}`,
    ...result.differences.map((difference) => `    ${difference}`),
  ];
  return `${lines.join("\n")}\n`;
}
