/** `npm run bench`: each figure as a ratio inside one run, as a table and as JSON. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { docker, objectsOf } from "../test/kit/engine.ts";
import { Lab } from "../test/kit/lab.ts";
import { print } from "../toolchain/print.mjs";
import { exitStatus, formatReport } from "../verify/report.ts";
import { verify } from "../verify/verify.ts";
import { measureCertificates } from "./certificates.ts";
import { memory, runArguments, runUntilHealthy } from "./docker-run.ts";
import { measureDomains } from "./domains.ts";
import { type Figure, formatTable, isWithinLimit, median, seconds, time } from "./figure.ts";
import { measureIdle } from "./idle.ts";
import { measureImageReplacement } from "./image-replacement.ts";
import { describeMachine, seenLoad, watchLoad } from "./machine.ts";
import { measureMailboxes } from "./mailboxes.ts";
import { performancePage } from "./performance-page.ts";
import { measurePreviewCpu } from "./preview.ts";
import { measureRecordPlan } from "./record-plan.ts";
import { stockProject } from "./stock-project.ts";

const rounds = 5;
const resultsFile = fileURLToPath(new URL("../.maildomain/bench.json", import.meta.url));
const pageFile = fileURLToPath(new URL("../docs/performance.md", import.meta.url));

watchLoad();
const figures: Figure[] = [];
add(measureRecordPlan());
const settings = await documentSettings();
const lab = await Lab.create(settings);
try {
  add(await measurePreview());
  add(await measurePreviewCpu(lab, settings));
  add([await measureVerify()]);
  add(await measureIdle(await serverNames()));
  add(await measureImageReplacement(lab));
  add(await measureUp());
  await destroy();
} finally {
  await lab.takeDown();
}
add(await measureDomains());
add(await measureCertificates());
const mailboxes = await measureMailboxes();
add(mailboxes.figures);
print(`\n${formatTable(figures)}\n`);
await mkdir(fileURLToPath(new URL(".", `file://${resultsFile}`)), { recursive: true });
const results = { at: new Date().toISOString(), machine: describeMachine(), load: seenLoad(), figures };
await writeFile(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
const { from, to } = seenLoad();
const run = { day: new Date().toISOString().slice(0, 10), load: `${from.toFixed(0)} to ${to.toFixed(0)}` };
const former = await readFile(pageFile, "utf8");
await writeFile(pageFile, performancePage(figures, mailboxes.growth, run, former));
print(`\nWritten to ${resultsFile} and docs/performance.md\n`);
process.exitCode = figures.every(isWithinLimit) ? 0 : 1;

/** Shows figures once they are measured: the whole takes most of an hour, and may be cut off. */
function add(measured: readonly Figure[]): void {
  figures.push(...measured);
  print(`${formatTable(measured)}\n`);
}

/** The lab's own settings, so that what is measured is what people run. */
async function documentSettings(): Promise<Record<string, unknown>> {
  const file = await readFile(new URL("../stacks/Pulumi.lab.yaml", import.meta.url), "utf8");
  const { config } = parse(file) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("maildomain:", ""), value]),
  );
}

/** A preview without changes against one of an empty stock project of as many resources, measured in turns. */
async function measurePreview(): Promise<Figure[]> {
  await lab.up();
  const resources = await countResources();
  const stock = await stockProject(resources);
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await time(() => lab.preview(["--expect-no-changes"])));
      theirs.push(await time(() => stock.preview()));
    }
    const detail = `${seconds(median(ours))} / ${seconds(median(theirs))}, medians of ${rounds}, ${resources} resources each`;
    const value = median(ours) / median(theirs);
    return [{ name: "no-op preview / empty stock project", value, unit: "ratio", limit: 0.6, detail }];
  } finally {
    await stock.remove();
  }
}

/** All that the command does, reading the stack's outputs included, of the lab that {@link measurePreview} brought up. */
async function measureVerify(): Promise<Figure> {
  await lab.settled();
  const times: number[] = [];
  let checks = 0;
  for (let round = 0; round < rounds; round++) {
    times.push(
      await time(async () => {
        const results = await verify(await lab.outputs());
        if (exitStatus(results) !== 0) throw new Error(formatReport(results));
        checks = results.length;
      }),
    );
  }
  const value = median(times) / 1000;
  const detail = `${checks} checks, median of ${rounds}`;
  return { name: "verify of the lab", value, unit: "s", limit: 15, detail };
}

/** An `up` from nothing with warm images against `docker run` of the same containers, and what they then need. */
async function measureUp(): Promise<Figure[]> {
  const ups: number[] = [];
  const runs: number[] = [];
  let memories: Figure[] = [];
  for (let round = 0; round < 3; round++) {
    await destroy();
    ups.push(await time(() => lab.up()));
    const names = await serverNames();
    if (round === 0) memories = await measureMemory(names);
    const containers = await Promise.all(
      names.map(async (name) => ({ name, args: await runArguments(name) })),
    );
    await docker("rm", "--force", ...names);
    runs.push(await time(() => runUntilHealthy(containers)));
    await docker("rm", "--force", ...names);
  }
  const detail = `${seconds(median(ups))} / ${seconds(median(runs))}, medians of 3`;
  const value = median(ups) / median(runs);
  return [
    { name: "up, warm images / docker run until healthy", value, unit: "ratio", limit: 3, detail },
    ...memories,
  ];
}

async function measureMemory(names: readonly string[]): Promise<Figure[]> {
  await sleep(20_000);
  return Promise.all(
    names.map(async (name) => {
      const role = name.slice(lab.prefix.length + 1);
      return {
        name: `idle memory of ${role}`,
        value: await memory(name),
        unit: "MiB",
        detail: "20 s after start",
      } as const;
    }),
  );
}

async function countResources(): Promise<number> {
  const { deployment } = JSON.parse(await lab.exportState()) as { deployment: { resources: unknown[] } };
  return deployment.resources.length;
}

/** Down to nothing; the images stay. The refresh forgets the containers that were removed by hand. */
async function destroy(): Promise<void> {
  const { status, output } = await lab.operate("destroy", ["--yes", "--skip-preview", "--refresh"]);
  if (status !== 0) throw new Error(output);
}

/** The stack's running containers; those that only carry configuration never run. */
async function serverNames(): Promise<string[]> {
  const all = (await objectsOf(lab.prefix)).filter((thing) => thing.startsWith("container "));
  const running = (await docker("ps", "--format", "{{.Names}}")).split("\n");
  return all.map((thing) => thing.slice("container ".length)).filter((name) => running.includes(name));
}
