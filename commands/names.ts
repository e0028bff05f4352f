import {
  applicationOfNames,
  HOSTS,
  hostsBlock,
  type LocalNames,
  localNames,
  type NamesPlan,
  otherEntries,
  planNames,
} from "../clients/local-names.ts";
import { parseRunningStack } from "../outputs/running-stack.ts";
import { print } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { type Call, type Command, stackOption, textOf, UsageError, yesOption } from "./command.ts";
import { isApplicationWanted } from "./confirm.ts";
import { describeLost, lostNames, removeNames, resolutionOf, restartResolved } from "./names-on-machine.ts";
import { stackOutputs } from "./pulumi.ts";
import { SystemFiles } from "./system-files.ts";

/** Lets programs on this machine find the names that only the stack's own DNS server knows. */
export const command: Command = {
  usage: "[--stack NAME] [--apply [--yes] | --remove]",
  options: {
    ...stackOption,
    apply: { type: "boolean", description: "set it on this machine, after asking" },
    remove: { type: "boolean", description: "take it back" },
    ...yesOption,
  },
  setUp: ({ values }) => (values.remove === true ? [] : stateSteps),

  async run(call) {
    const { apply, remove } = call.values;
    if (apply === true && remove === true) throw new UsageError("Either --apply or --remove.");
    const stack = textOf(call, "stack");
    const files = new SystemFiles();
    if (remove === true) return await takeBack(stack, files, call.report);
    const names = localNames(stack, parseRunningStack(await stackOutputs(stack)));
    if (names === undefined) {
      call.report.note(`Nothing to set: the zones of stack ${stack} are not on its own DNS server.`);
      return 0;
    }
    const plan = planNames(names, files.read(HOSTS) ?? "", await resolutionOf(files));
    if (apply !== true) return await show(names, plan, files);
    return await set(names, plan, { files, call });
  },
};

async function takeBack(stack: string, files: SystemFiles, report: Report): Promise<number> {
  const removed = await removeNames(stack, files);
  report.done(
    removed.length === 0
      ? `Nothing to remove: this machine has no names of stack ${stack}`
      : `Removed the names of stack ${stack} from ${removed.join(" and ")}`,
  );
  return 0;
}

/** Exit status 1 where something is to be set. */
async function show(names: LocalNames, plan: NamesPlan, files: SystemFiles): Promise<number> {
  const lost = await lostNames(names);
  const missing = files.differing(plan.files);
  print(`${describe(names, plan)}\n`);
  for (const line of otherEntries(files.read(HOSTS) ?? "", names))
    print(`${HOSTS} leads elsewhere already, and its first line counts: ${line}\n`);
  if (lost.length === 0 && missing.length > 0) print("The names resolve on this machine without that.\n");
  else if (lost.length === 0) print("That is set, and the names resolve on this machine.\n");
  else print(`${describeLost(lost)}. Set it: ${applicationOfNames(names.stack)}\n`);
  return lost.length === 0 ? 0 : 1;
}

/** The files as they are to be; of /etc/hosts the stack's block alone. */
function describe(names: LocalNames, { files, note }: NamesPlan): string {
  const parts = files.map(({ path, content }) =>
    path === HOSTS ? `At the end of ${path}:\n\n${hostsBlock(names)}` : `${path}:\n\n${content}`,
  );
  return [...(note === undefined ? [] : [`${note}\n`]), ...parts].join("\n");
}

async function set(
  names: LocalNames,
  plan: NamesPlan,
  { files, call: { report, values } }: { readonly files: SystemFiles; readonly call: Call },
): Promise<number> {
  const missing = files.differing(plan.files);
  const others = otherEntries(files.read(HOSTS) ?? "", names);
  if (missing.length > 0) {
    print(`${describe(names, plan)}\n`);
    const question = `Write this into ${missing.map(({ path }) => path).join(" and ")}?`;
    if (!(await isApplicationWanted(question, values.yes === true))) {
      report.note("Nothing was changed.");
      return 1;
    }
    await files.apply(missing);
    if (plan.isResolved) await restartResolved(files);
  }
  for (const line of others)
    report.note(`${HOSTS} leads elsewhere already, and its first line counts: ${line}`);
  const lost = await lostNames(names);
  if (lost.length > 0) {
    report.fail(describeLost(lost));
    return 1;
  }
  report.done(`${describeLost(lost)}, by ${plan.files.map(({ path }) => path).join(" and ")}`);
  return 0;
}
