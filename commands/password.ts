import { suggest } from "../naming/suggestion.mjs";
import { outputsSchema, type StackOutputs } from "../outputs/schema.ts";
import { cut, formatAddress, normalizeAddress } from "../records/index.ts";
import { printExactly } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { type Command, stackOption, textOf, UsageError } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";

/** Prints one password on standard output, and nothing else there. */
export const command: Command = {
  usage: "ADDRESS [--stack NAME]",
  options: stackOption,
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const [address, ...more] = call.positionals;
    if (address === undefined || more.length > 0) {
      throw new UsageError("password needs one address: npm run password -- ana@example.org");
    }
    const stack = textOf(call, "stack");
    const { passwords } = outputsSchema.pick({ passwords: true }).parse(await stackOutputs(stack));
    printExactly(`${findPassword(passwords, address, stack)}\n`);
    return 0;
  },
};

/** @internal */
export function findPassword(passwords: StackOutputs["passwords"], address: string, stack: string): string {
  const known = Object.entries(passwords);
  const wanted = normalizeLogin(address);
  const password = known.find(([candidate]) => candidate === wanted)?.[1];
  if (password !== undefined) return password;
  const meant = suggest(
    wanted,
    known.map(([candidate]) => candidate),
  );
  throw new ToolchainError(
    `Stack ${stack} has no password for ${address}.${meant === undefined ? "" : ` Did you mean ${meant}?`} ` +
      "It has those that a lab's stack file declares and those that were generated.",
  );
}

/** An address, or an address and the name of an app password after a slash. */
function normalizeLogin(login: string): string {
  const parts = cut(login);
  if (parts === undefined) return login.toLowerCase();
  const [domain = "", ...app] = parts.domain.split("/");
  return [normalizeAddress(formatAddress({ ...parts, domain })), ...app].join("/").toLowerCase();
}
