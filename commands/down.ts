import { rmSync } from "node:fs";
import { run } from "../toolchain/child-process.ts";
import { askPulumi, checkStackFile, pulumi, stackExists } from "../toolchain/pulumi.ts";
import { allSteps } from "../toolchain/steps.ts";
import { caCertificateFile } from "./clients.ts";
import { type Command, stackOption, textOf } from "./command.ts";

/** Removes a stack, however much of it is left. The mail of a stack that is not a lab stays. */
export const command: Command = {
  usage: "[--stack NAME] [-- OPTIONS OF pulumi destroy]",
  options: stackOption,
  takes: { rest: true },
  // What takes a stack down is what has put it up; only the base image is not needed.
  setUp: allSteps.filter((step) => step.name !== "base image"),

  async run(call) {
    const { report, rest } = call;
    const stack = textOf(call, "stack");
    checkStackFile(stack);
    if (stackExists(stack)) {
      // `--refresh` first forgets what somebody has removed by hand, which could not be deleted again.
      const status = await pulumi(stack, ["destroy", "--yes", "--refresh", ...rest]);
      if (status !== 0) return status;
    }
    rmSync(caCertificateFile(stack), { force: true });
    const left = await thingsOf(stack);
    if (left.length === 0) {
      if (stackExists(stack)) await askPulumi(stack, ["stack", "rm", "--yes", "--preserve-config"]);
      report.done(`Nothing of stack ${stack} is left`);
      return 0;
    }
    report.done(`Stack ${stack} is down. Left on purpose, or not made by it:`);
    for (const { removal } of left) report.note(removal);
    return 0;
  },
};

interface Thing {
  readonly name: string;
  /** The command that removes it for good. */
  readonly removal: string;
}

/** Every container, volume and network on the engine that bears the stack's name. */
async function thingsOf(stack: string): Promise<Thing[]> {
  const prefix = `maildomain-${stack}-`;
  const kinds = [
    { list: ["ps", "--all", "--format", "{{.Names}}"], remove: "docker rm --force" },
    { list: ["volume", "ls", "--format", "{{.Name}}"], remove: "docker volume rm" },
    { list: ["network", "ls", "--format", "{{.Name}}"], remove: "docker network rm" },
  ];
  const found = await Promise.all(
    kinds.map(async ({ list, remove }) => {
      const { stdout } = await run("docker", list);
      const names = stdout.split("\n").filter((name) => name.startsWith(prefix));
      return names.map((name) => ({ name, removal: `${remove} ${name}` }));
    }),
  );
  return found.flat();
}
