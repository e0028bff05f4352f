import { readFileSync } from "node:fs";
import { declareStack, type Stack } from "../../../stacks/program/program.ts";
import { parseStackFile } from "../../../stacks/reading/stack-file.ts";
import { type StackSettings, stackSchema } from "../../../stacks/schema/config.ts";

function settingsOf(name: string): StackSettings {
  const file = `stacks/Pulumi.${name}.yaml`;
  return parseStackFile(file, readFileSync(file, "utf8")).settings;
}

const mailboxes = [{ name: "ana" }];
const [one, two] = ["one.example", "two.example"].map((name) => ({ name, mailboxes }));

/** Stacks that differ in what exists. */
export const stacks: Readonly<Record<string, StackSettings>> = {
  lab: settingsOf("lab"),
  company: settingsOf("production"),
  "two-servers": stackSchema.parse({
    dockerHost: "ssh://root@mx.one.example",
    address: "192.0.2.25",
    web: { enabled: true, webmail: true },
    domains: [one, two],
    servers: [{ hostName: "mx.two.example", domains: ["two.example"], address: "192.0.2.26" }],
  }),
  "no-web": stackSchema.parse({ lab: true, web: { enabled: false }, domains: [one] }),
};

/** Declares one of them, as `index.ts` does. @param known - what was found out before. */
export function declare(
  settings: StackSettings,
  known: Pick<Stack, "elsewhere" | "awaited"> = {},
): ReturnType<typeof declareStack> {
  return declareStack(settings, { name: "test", identity: "an identity", sieveFiles: new Map(), ...known });
}
