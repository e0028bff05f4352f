/** What previews and small changes cost, in CPU time, measured in turns with the floor of what they run on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab, Settings } from "../test/kit/lab.ts";
import { warmUp } from "../toolchain/compiled-program.ts";
import { type CpuTime, cpuTime, formatCpuTime, medianCpuTime } from "./cpu-time.ts";
import type { Figure } from "./figure.ts";
import { floorProject } from "./floor-project.ts";

const rounds = 5;

/**
 * @param lab - which is up
 * @param settings - its own
 */
export async function measurePreviewCpu(lab: Lab, settings: Settings): Promise<Figure[]> {
  const floor = await floorProject(`${lab.prefix}-floor`);
  try {
    await preview(lab);
    const ours: CpuTime[] = [];
    const theirs: CpuTime[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await cpuTime(() => preview(lab)));
      theirs.push(await cpuTime(() => floor.preview()));
    }
    const noOp = medianCpuTime(ours);
    return [
      ratio("CPU time of a no-op preview / of the floor", noOp, medianCpuTime(theirs), 1.5),
      await measureFirst(lab),
      ratio(
        "CPU time of an up that changes one password / of a no-op preview",
        await changeOne(lab, settings),
        noOp,
        1.5,
      ),
    ];
  } finally {
    await floor.remove();
  }
}

/** The first preview of a checkout after what its set-up compiles, and the next one. */
async function measureFirst(lab: Lab): Promise<Figure> {
  const cache = await mkdtemp(join(tmpdir(), "maildomain-bench-"));
  try {
    await warmUp(cache);
    const first = await cpuTime(() => preview(lab, { NODE_COMPILE_CACHE: cache }));
    const later = await cpuTime(() => preview(lab, { NODE_COMPILE_CACHE: cache }));
    return ratio("CPU time of a checkout's first preview / of the next", first, later, 1.3);
  } finally {
    await rm(cache, { recursive: true });
  }
}

/** Pulumi's part of it, as `npm run up` calls it where nothing but passwords has changed: without a preview of its own. */
async function changeOne(lab: Lab, settings: Settings): Promise<CpuTime> {
  const [domain, ...others] = settings.domains as { mailboxes: object[] }[];
  const [mailbox, ...further] = domain?.mailboxes ?? [];
  const changed = { ...domain, mailboxes: [{ ...mailbox, password: "another one" }, ...further] };
  await lab.configure({ ...settings, domains: [changed, ...others] });
  return await cpuTime(() => succeed(lab, "up", ["--yes", "--skip-preview", "--suppress-outputs"]));
}

function preview(lab: Lab, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  return succeed(lab, "preview", ["--expect-no-changes"], environment);
}

async function succeed(
  lab: Lab,
  command: string,
  args: string[],
  environment?: NodeJS.ProcessEnv,
): Promise<void> {
  const { status, output } = await lab.operate(command, args, environment);
  if (status !== 0) throw new Error(output);
}

function ratio(name: string, of: CpuTime, to: CpuTime, limit: number): Figure {
  const detail = `${formatCpuTime(of)} / ${formatCpuTime(to)}`;
  return { name, value: of.total / to.total, unit: "ratio", limit, detail };
}
