import { type NameResolver, resolverAt } from "../verify/probes/dns.ts";
import { type Call, type CommandOption, UsageError } from "./command.ts";

/** The option of every command that asks for what others publish. */
export const resolverOption = {
  resolver: {
    type: "string",
    value: "ADDRESS",
    description: "the resolver for what others publish, instead of the machine's own",
  },
} as const satisfies Record<string, CommandOption>;

/** The resolver that was named, if one was. */
export function namedResolver({ values: { resolver: address } }: Call): NameResolver | undefined {
  if (typeof address !== "string") return undefined;
  try {
    return resolverAt(address);
  } catch {
    throw new UsageError(
      `--resolver ${address} is not a valid resolver: use an IP address, optionally with a port: 192.0.2.53:5353.`,
    );
  }
}
