import { ptrInstruction, renderRecordLines, renderRecordTable } from "../records/index.ts";
import { stackOutputs } from "../toolchain/pulumi.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { parseTarget, type Target } from "../verify/target.ts";
import { type Command, stackOption, textOf, UsageError } from "./command.ts";

/** Prints the records of every domain of a stack, for people whose DNS is elsewhere. */
export const command: Command = {
  usage: "[--stack NAME] [--format markdown|json|zone]",
  options: {
    ...stackOption,
    format: { type: "string", value: "FORMAT", default: "markdown", description: "markdown, json or zone" },
  },
  setUp: stateSteps,

  async run(call) {
    const format = formats[textOf(call, "format")];
    if (format === undefined) {
      throw new UsageError(`There is no format ${textOf(call, "format")}: write markdown, json or zone.`);
    }
    process.stdout.write(format(parseTarget(await stackOutputs(textOf(call, "stack")))));
    return 0;
  },
};

/** @internal The whole output by its format. */
export const formats: Readonly<Record<string, (target: Target) => string>> = {
  markdown: (target) =>
    [
      ...zonesOf(target).map(({ name, records }) => renderRecordTable(name, records)),
      ...instructions(target).map((line) => `- ${line}\n`),
    ].join("\n"),
  json: (target) =>
    `${JSON.stringify({ domains: zonesOf(target), instructions: instructions(target) }, undefined, 2)}\n`,
  zone: (target) =>
    zonesOf(target)
      .map(({ name, records }) => renderRecordLines(name, records))
      .join("\n"),
};

function zonesOf({ domains, parkedDomains }: Target) {
  return [...domains, ...parkedDomains].map(({ name, records }) => ({ name, records }));
}

/** What lies in zones that are somebody else's: the reverse names of the server's addresses, and the DS records. */
function instructions({ domains, parkedDomains, hostName }: Target): string[] {
  const addresses = domains
    .flatMap(({ records }) => records)
    .filter(({ name, type }) => name === hostName && (type === "A" || type === "AAAA"))
    .flatMap(({ content }) => ptrInstruction(content, hostName) ?? []);
  const signed = [...domains, ...parkedDomains].flatMap(({ name, ds }) =>
    ds == null ? [] : [`Have the parent of ${name} publish, where it is a public domain: ${name}. DS ${ds}`],
  );
  return [...addresses, ...signed];
}
