import { rmSync } from "node:fs";
import { removalOfTrust } from "../clients/authority-stores.ts";
import { removalOfNames } from "../clients/local-names.ts";
import { type DockerEngine, removalCommand } from "../engine/docker-engine.ts";
import { parseObjectName } from "../naming/engine.ts";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { caCertificateFile, lettersFolder } from "./clients.ts";
import { type Command, stackOption, textOf, yesOption } from "./command.ts";
import { ask, needTerminal } from "./confirm.ts";
import { refuseRunningUpdate } from "./locks.ts";
import { MachineTrust } from "./machine-trust.ts";
import { removeNames } from "./names-on-machine.ts";
import { project } from "./project.ts";
import { askPulumi, checkStackFile, pulumi, stackExists } from "./pulumi.ts";
import { describeRemoval } from "./removal.ts";
import { declaredEngine, engineOf, refuseToForget, stepsOf } from "./stack-engine.ts";
import { findOwnStrays, removeObjects, removeStrays } from "./strays.ts";
import { SystemFiles } from "./system-files.ts";

// `--refresh` first forgets what somebody has removed by hand, which could not be deleted again.
const destroyOptions = ["--yes", "--skip-preview", "--refresh", "--suppress-outputs"];

/** Removes a stack, however much of it is left. The mail of a stack that is not a lab stays. */
export const command: Command = {
  usage: "[--stack NAME] [--yes] [-- OPTIONS OF pulumi destroy]",
  options: {
    ...stackOption,
    ...yesOption,
  },
  takes: { rest: true },
  // Removing a stack needs the same tools as creating it, except the base image.
  setUp: (call) => stepsOf(call).filter((step) => step.name !== "base image"),

  async run(call) {
    const { report, rest } = call;
    const stack = textOf(call, "stack");
    checkStackFile(stack);
    if (!stackExists(stack)) {
      await forgetOnMachine(stack, report);
      return tellUnknown(stack, await thingsOf(declaredEngine(stack), stack), report);
    }
    // Where it runs is known before it is gone.
    const exported = await askPulumi(stack, ["stack", "export"]);
    const engine = engineOf(stack, exported);
    await refuseToForget(stack, exported);
    refuseRunningUpdate(stack);
    if (call.values.yes !== true && !(await isWanted(stack, exported, engine, report))) return 1;
    // What is left of an `up` that was cut off would hold the network; what is somebody else's is listed at the end.
    await removeObjects(engine, await findOwnStrays(engine, stack, exported));
    const status = await pulumi(stack, ["destroy", ...destroyOptions, ...rest]);
    if (status !== 0) return status;
    rmSync(caCertificateFile(stack), { force: true });
    rmSync(lettersFolder(stack), { recursive: true, force: true });
    await forgetOnMachine(stack, report);
    await removeStrays(engine, stack, await askPulumi(stack, ["stack", "export"]));
    const left = await thingsOf(engine, stack);
    if (left.length > 0) {
      report.done(`Stack ${stack} is removed. Still there, with the command that deletes it for good:`);
      for (const { removal } of left) report.note(removal);
      return 0;
    }
    await askPulumi(stack, ["stack", "rm", "--yes", "--preserve-config"]);
    report.done(`Nothing remains of stack ${stack}`);
    return 0;
  },
};

/** Names that lead nowhere any more, and an authority whose key is gone, are removed with the stack. */
async function forgetOnMachine(stack: string, report: Report): Promise<void> {
  const files = new SystemFiles();
  const kept = [
    { what: "names", remove: () => removeNames(stack, files), command: removalOfNames(stack) },
    {
      what: "authority",
      remove: () => new MachineTrust(files).remove(stack),
      command: removalOfTrust(stack),
    },
  ];
  for (const { what, remove, command } of kept) {
    try {
      const removed = await remove();
      if (removed.length > 0) report.done(`Removed the stack's ${what} from ${removed.join(" and ")}`);
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      report.note(`This machine still has the stack's ${what}; to remove that: ${command}`);
    }
  }
}

/** On a terminal a person types the stack's name, having read what goes. */
async function isWanted(
  stack: string,
  exported: string,
  engine: DockerEngine,
  report: Report,
): Promise<boolean> {
  needTerminal("down");
  report.note(await describeRemoval(stack, exported, engine));
  if ((await ask("Type its name to remove it: ")) === stack) return true;
  report.note("Nothing was changed.");
  return false;
}

function tellUnknown(stack: string, left: readonly Thing[], report: Report): number {
  if (left.length === 0) {
    report.done(`Nothing to do: stack ${stack} does not exist`);
    return 0;
  }
  report.fail(
    `This state knows no stack ${stack}, but the engine has objects with that name: another checkout made them, or`,
  );
  report.note("the state was lost. Nothing was changed. To remove them:");
  for (const { removal } of left) report.note(removal);
  return 1;
}

interface Thing {
  readonly name: string;
  /** The command that removes it for good. */
  readonly removal: string;
}

/** Every container, volume and network on the engine that bears the stack's name. */
async function thingsOf(engine: DockerEngine, stack: string): Promise<Thing[]> {
  const found = await Promise.all([engine.containers(), engine.volumes(), engine.networks()]);
  return found
    .flat()
    .filter(({ kind, name }) => parseObjectName({ project, stack }, kind, name) !== undefined)
    .map((object) => ({ name: object.name, removal: removalCommand(engine, object) }));
}
