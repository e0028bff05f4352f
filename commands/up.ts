import { askPulumi, ensureStack, pulumi } from "../toolchain/pulumi.ts";
import type { Report } from "../toolchain/report.ts";
import { allSteps } from "../toolchain/steps.ts";
import { closingCard } from "./clients.ts";
import { type Command, stackOption, textOf } from "./command.ts";
import { clearVolumes, type Drift, describeDrift, findDrift, mendServers, parseContainers } from "./drift.ts";
import { outputsInState } from "./exported-state.ts";
import { removeStrays } from "./strays.ts";
import { readTarget, verifyTarget } from "./verify.ts";

/** From whatever the machine has to a domain that runs and is checked. Exit status: pulumi's, then verify's. */
export const command: Command = {
  usage: "[--stack NAME] [--ask] [-- OPTIONS OF pulumi up]",
  options: {
    ...stackOption,
    ask: { type: "boolean", description: "let pulumi ask before it changes anything" },
  },
  takes: { rest: true },
  setUp: allSteps,

  async run(call) {
    const { report, values, rest } = call;
    const stack = textOf(call, "stack");
    await ensureStack(stack);
    const exported = await askPulumi(stack, ["stack", "export"]);
    await clearStrays(stack, exported, report);
    const drift = await tellDrift(exported, report);
    const status = await pulumi(stack, [
      "up",
      // The closing card says what people need of them.
      "--suppress-outputs",
      ...(values.ask === true ? [] : ["--yes"]),
      // What is gone, or was just taken away to be made again, the state still believes to be there.
      ...(drift.length > 0 ? ["--refresh"] : []),
      ...rest,
    ]);
    if (status !== 0) return status;
    await tellChanges(stack, report);
    const target = await readTarget(stack);
    await mendServers(target, drift);
    const checked = await verifyTarget(target, report);
    process.stdout.write(`\n${closingCard(target, stack)}`);
    return checked;
  },
};

/** What somebody has changed by hand since the last `up`, each told in a line; volumes are ready to be written again. */
async function tellDrift(exported: string, report: Report): Promise<Drift[]> {
  const found = parseContainers(outputsInState(exported));
  if (found === undefined) return [];
  const drift = await findDrift(found);
  for (const line of drift.map(describeDrift)) report.note(line);
  await clearVolumes(found, drift);
  return drift;
}

/** An `up` that was cut off may have left things that this one could not make again. */
async function clearStrays(stack: string, exported: string, report: Report): Promise<void> {
  const strays = await removeStrays(stack, exported);
  for (const { kind, name } of strays)
    report.note(`Removed the ${kind} ${name}, left by an up that was cut off`);
}

async function tellChanges(stack: string, report: Report): Promise<void> {
  const history = await askPulumi(stack, ["stack", "history", "--json", "--page-size", "1"]);
  const [last] = JSON.parse(history) as readonly { readonly resourceChanges?: ResourceChanges }[];
  report.done(summarizeChanges(last?.resourceChanges ?? {}));
}

/** Counts by operation, as `pulumi stack history --json` gives them. */
export type ResourceChanges = Readonly<Record<string, number>>;

/** @internal One sentence on what an update did. */
export function summarizeChanges({ same = 0, ...changes }: ResourceChanges): string {
  const done = Object.entries(changes).filter(([, count]) => count > 0);
  if (done.length === 0) return `Nothing has changed: all ${same} resources are as declared`;
  const parts = done.map(([operation, count]) => `${count} ${operation.replace(/e$/, "ed")}`);
  return `Resources: ${[...parts, `${same} unchanged`].join(", ")}`;
}
