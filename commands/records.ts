import {
  addressesOf,
  dsInstruction,
  type Instruction,
  parseDmarc,
  ptrInstructions,
  type RecordTable,
  renderRecordJson,
  renderRecordLines,
  renderRecordTables,
  reportInstructions,
  ZoneFinder,
} from "../records/index.ts";
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
  markdown: (target) => renderRecordTables(tablesOf(target), instructionsOf(target)),
  json: (target) => renderRecordJson(tablesOf(target), instructionsOf(target)),
  zone: (target) => renderRecordLines(tablesOf(target), instructionsOf(target)),
};

function tablesOf({ domains, parkedDomains }: Target): RecordTable[] {
  return [...domains, ...parkedDomains].map(({ name, records }) => ({ name, records }));
}

/** What lies in zones that are somebody else's. */
function instructionsOf({ domains, parkedDomains, hostName }: Target): Instruction[] {
  const all = [...domains, ...parkedDomains];
  const zones = new ZoneFinder(all);
  const isOurs = (receiver: string): boolean => zones.find(receiver) !== undefined;
  const server = all.flatMap(({ records }) => records.filter(({ name }) => name === hostName));
  const reports = all.flatMap(({ name: domain, records }) =>
    records
      .filter(({ name, type }) => name === `_dmarc.${domain}` && type === "TXT")
      .flatMap(({ content, ttl }) => reportInstructions(domain, ttl, parseDmarc(content), isOurs)),
  );
  const signed = all.flatMap(({ name, ds }) => (ds == null ? [] : [dsInstruction(name, dayTtl, ds)]));
  return [
    ...ptrInstructions(hostName, server[0]?.ttl ?? dayTtl, new Set(addressesOf(server))),
    ...reports,
    ...signed,
  ];
}

/** What parents of zones commonly use, in seconds. */
const dayTtl = 86_400;
