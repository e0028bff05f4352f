import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { clientCard, closingText, passwordCommand } from "../clients/card.ts";
import { settingsFor } from "../clients/settings.ts";
import { localFolder } from "../toolchain/environment.ts";
import { stackOutputs } from "../toolchain/pulumi.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { parseTarget, type Target } from "../verify/target.ts";
import { type Command, jsonOption, stackOption, textOf } from "./command.ts";

/** Prints what a person enters into a mail client; without an address, the first mailbox's card. */
export const command: Command = {
  usage: "[ADDRESS] [--stack NAME] [--json]",
  options: { ...stackOption, ...jsonOption },
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    const target = parseTarget(await stackOutputs(stack));
    const [address] = call.positionals;
    if (address === undefined && call.values.json !== true) {
      process.stdout.write(closingCard(target, stack));
      return 0;
    }
    const addresses =
      address === undefined
        ? target.domains.flatMap(({ mailboxes }) => mailboxes.map((mailbox) => mailbox.address))
        : [address];
    const settings = addresses.map((each) => settingsFor(target, each));
    if (call.values.json === true) {
      process.stdout.write(`${JSON.stringify(settings, undefined, 2)}\n`);
      return 0;
    }
    const caCertificatePath = writeCaCertificate(target, stack);
    for (const each of settings) {
      const card = { passwordCommand: passwordCommand(each.address, stack), caCertificatePath };
      process.stdout.write(clientCard(each, card));
    }
    return 0;
  },
};

/** What `up` ends with. Writes the authority's certificate to where the card says that it lies. */
export function closingCard(target: Target, stack: string): string {
  return closingText(target, stack, writeCaCertificate(target, stack));
}

/** Where people find the certificate of a stack's authority. */
export function caCertificateFile(stack: string): string {
  return join(localFolder, `${stack}-ca.pem`);
}

function writeCaCertificate({ caCertificate }: Target, stack: string): string {
  const file = caCertificateFile(stack);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, caCertificate);
  return relative(projectFolder, file);
}
