import { rmSync } from "node:fs";
import { parseObjectName } from "../naming/engine.ts";
import { run } from "../toolchain/child-process.ts";
import type { Report } from "../toolchain/report.ts";
import { allSteps } from "../toolchain/steps.ts";
import { caCertificateFile } from "./clients.ts";
import { type Command, stackOption, textOf } from "./command.ts";
import { project } from "./project.ts";
import { askPulumi, checkStackFile, pulumi, stackExists } from "./pulumi.ts";
import { removeStrays } from "./strays.ts";

// `--refresh` first forgets what somebody has removed by hand, which could not be deleted again.
const destroyOptions = ["--yes", "--skip-preview", "--refresh", "--suppress-outputs"];

/** Removes a stack, however much of it is left. The mail of a stack that is not a lab stays. */
export const command: Command = {
  usage: "[--stack NAME] [-- OPTIONS OF pulumi destroy]",
  options: stackOption,
  takes: { rest: true },
  // Removing a stack needs the same tools as creating it, except the base image.
  setUp: allSteps.filter((step) => step.name !== "base image"),

  async run(call) {
    const { report, rest } = call;
    const stack = textOf(call, "stack");
    checkStackFile(stack);
    if (!stackExists(stack)) return tellUnknown(stack, await thingsOf(stack), report);
    const status = await pulumi(stack, ["destroy", ...destroyOptions, ...rest]);
    if (status !== 0) return status;
    rmSync(caCertificateFile(stack), { force: true });
    await removeStrays(stack, await askPulumi(stack, ["stack", "export"]));
    const left = await thingsOf(stack);
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
async function thingsOf(stack: string): Promise<Thing[]> {
  const kinds = [
    { kind: "container", list: ["ps", "--all", "--format", "{{.Names}}"], remove: "docker rm --force" },
    { kind: "volume", list: ["volume", "ls", "--format", "{{.Name}}"], remove: "docker volume rm" },
    { kind: "network", list: ["network", "ls", "--format", "{{.Name}}"], remove: "docker network rm" },
  ] as const;
  const found = await Promise.all(
    kinds.map(async ({ kind, list, remove }) => {
      const { stdout } = await run("docker", list);
      const names = stdout.split("\n").filter((name) => parseObjectName({ project, stack }, kind, name));
      return names.map((name) => ({ name, removal: `${remove} ${name}` }));
    }),
  );
  return found.flat();
}
