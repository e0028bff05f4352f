import {
  applicationOfTrust,
  authorityName,
  keychainSteps,
  removalOfTrust,
  systemStores,
} from "../clients/authority-stores.ts";
import { fingerprintOf } from "../keys/pem.ts";
import { parseRunningStack } from "../outputs/running-stack.ts";
import { canInstallPackages, installPackages } from "../toolchain/apt.ts";
import { print } from "../toolchain/print.mjs";
import { stateSteps } from "../toolchain/steps.ts";
import { caCertificateFile, writeCaCertificate } from "./clients.ts";
import { type Call, type Command, stackOption, textOf, UsageError, yesOption } from "./command.ts";
import { isApplicationWanted } from "./confirm.ts";
import { MachineTrust } from "./machine-trust.ts";
import { stackOutputs } from "./pulumi.ts";
import { SystemFiles } from "./system-files.ts";

/** Lets programs on this machine trust the stack's own authority. */
export const command: Command = {
  usage: "[--stack NAME] [--apply [--yes] | --remove]",
  options: {
    ...stackOption,
    apply: { type: "boolean", description: "add it to the stores of this machine, after asking" },
    remove: { type: "boolean", description: "take it out of them" },
    ...yesOption,
  },
  setUp: ({ values }) => (values.remove === true ? [] : stateSteps),

  async run(call) {
    const { apply, remove } = call.values;
    if (apply === true && remove === true) throw new UsageError("Either --apply or --remove.");
    const stack = textOf(call, "stack");
    const trust = new MachineTrust(new SystemFiles());
    if (remove === true) return await takeBack(stack, trust, call);
    const running = parseRunningStack(await stackOutputs(stack));
    const { caCertificate: pem } = running;
    const file = writeCaCertificate(running, stack);
    if (pem === undefined || file === undefined) {
      call.report.note(
        `Nothing to trust: the certificates of stack ${stack} are from an authority that is known.`,
      );
      return 0;
    }
    print(`The authority of stack ${stack}: ${file}\nSHA-256 ${fingerprintOf(pem)}\n`);
    if (process.platform === "darwin") print(`In the keychain of this Mac:  ${keychainSteps(file).add}\n`);
    const missing = await trust.missing(stack, pem);
    if (missing.length === 0) {
      call.report.done("Every store that was found on this machine has it");
      return 0;
    }
    if (apply !== true) {
      print(`Not yet in:\n${list(missing)}Add it: ${applicationOfTrust(stack)}\n`);
      return 1;
    }
    return await add({ stack, pem, file, missing, trust }, call);
  },
};

interface Addition {
  readonly stack: string;
  readonly pem: string;
  readonly file: string;
  readonly missing: readonly string[];
  readonly trust: MachineTrust;
}

async function add(
  { stack, pem, file, missing, trust }: Addition,
  { report, values }: Call,
): Promise<number> {
  const needsCertutil = !trust.hasCertutil && trust.databases.length > 0;
  const installs = needsCertutil && canInstallPackages();
  const also = installs
    ? "This installs libnss3-tools, for the programs with a database of their own.\n"
    : "";
  print(`It will be trusted to identify servers, by every program that reads:\n${list(missing)}${also}`);
  if (!(await isApplicationWanted("Add it?", values.yes === true))) {
    report.note("Nothing was changed.");
    return 1;
  }
  if (installs) await installPackages(report, ["libnss3-tools"]);
  const refused = await trust.add(stack, pem, caCertificateFile(stack));
  for (const reason of refused)
    report.fail(`${reason}\nImport ${file} in the program itself, as an authority.`);
  if (!trust.hasCertutil && trust.databases.length > 0) {
    const { packages } = trust.system ?? systemStores[systemStores.length - 1] ?? {};
    report.fail(
      `certutil is missing, which changes the databases of Firefox, Thunderbird and Chromium: ${packages}`,
    );
    return 1;
  }
  if (refused.length > 0) return 1;
  report.done(
    `This machine trusts "${authorityName(stack)}". Programs that are running have to be started again.`,
  );
  report.note(`To take it back: ${removalOfTrust(stack)}`);
  return 0;
}

async function takeBack(stack: string, trust: MachineTrust, { report }: Call): Promise<number> {
  const removed = await trust.remove(stack);
  if (process.platform === "darwin")
    print(`In the keychain of this Mac:  ${keychainSteps(caCertificateFile(stack)).remove}\n`);
  report.done(
    removed.length === 0
      ? `Nothing to remove: no store of this machine has the authority of stack ${stack}`
      : `Removed the authority of stack ${stack} from ${removed.join(" and ")}`,
  );
  return 0;
}

function list(stores: readonly string[]): string {
  return stores.map((store) => `  ${store}\n`).join("");
}
