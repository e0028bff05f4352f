import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type ComparisonOptions, compareZone } from "../adopt/comparison.ts";
import { importFile } from "../adopt/import-file.ts";
import { type ComparedZone, formatComparison } from "../adopt/report.ts";
import { OutputsError, parseRunningStack } from "../outputs/running-stack.ts";
import type { PublisherFacts } from "../publishers/facts.ts";
import { publisherFacts } from "../publishers/list.ts";
import { type LiveAccess, LiveZoneError, type LiveZones } from "../publishers/live.ts";
import type { OpenedAccount } from "../stacks/program/acme-settings.ts";
import { type LiveZoneSettings, liveZones } from "../stacks/program/live-zones.ts";
import { parseStackFile, type StackFile, StackFileError, secret } from "../stacks/reading/stack-file.ts";
import { localFolder } from "../toolchain/environment.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { projectFolder, versions } from "../toolchain/versions.ts";
import { type Call, type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { recordsInState } from "./exported-state.ts";
import { exportedState, readStackFile, secretConfig, stackExists, stackOutputs } from "./pulumi.ts";
import { refuseProblems } from "./stack-engine.ts";

/** Exit status 0: nothing conflicts, 1: something does, 2: the zones could not be compared. */
export const command: Command = {
  usage: "[--stack NAME] [--take-over RESOURCE[,RESOURCE]] [--out FILE] [--json]",
  options: {
    ...stackOption,
    ...jsonOption,
    "take-over": {
      type: "string",
      value: "RESOURCES",
      description: "conflicting records that `up` changes in place, by their printed names",
    },
    out: {
      type: "string",
      value: "FILE",
      description: "the file for pulumi import (default: .maildomain/import/NAME.json)",
    },
  },
  setUp: stateSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    try {
      refuseProblems(stack);
      const { status, output } = await adopt(stack, readStackFile(stack), {
        takeOver: takeOverOf(call),
        out: resolve(String(call.values.out ?? join(localFolder, "import", `${stack}.json`))),
        json: call.values.json === true,
      });
      print(output);
      return status;
    } catch (error) {
      const isExpected = [LiveZoneError, StackFileError, ToolchainError].some(
        (type) => error instanceof type,
      );
      if (!isExpected) throw error;
      call.report.fail((error as Error).message);
      return 2;
    }
  },
};

/** @internal Reads, compares, and writes the file for the import; the output is for people, or JSON. */
export async function adopt(
  stack: string,
  { name, text }: { readonly name: string; readonly text: string },
  options: { readonly takeOver: ReadonlySet<string>; readonly out: string; readonly json: boolean },
): Promise<{ readonly status: number; readonly output: string }> {
  const file = parseStackFile(name, text);
  const { contents, account } = await knownOf(stack);
  const zones = liveZones(file.settings, contents, account);
  if (zones.length === 0) {
    const names = publisherFacts.flatMap(({ name, live }: PublisherFacts) =>
      live === undefined ? [] : name,
    );
    throw new StackFileError(
      `No domain of stack ${stack} has dns: ${names.join(" or ")}; there is nothing to adopt.`,
    );
  }
  const opened = openedZones(zones, await credentialsOf(zones, file, stack), stack);
  const held = await heldRecords(stack);
  const domains = new Set(file.settings.domains.map((domain) => domain.name));
  const adoption = await compareZones(zones, opened, { takeOver: options.takeOver, held, domains });
  const hasImports = adoption.some(({ comparison }) => comparison.matches.length > 0);
  if (hasImports) {
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(options.out, importFileOf(zones, adoption));
  }
  const written = hasImports ? relative(projectFolder, options.out) : undefined;
  const json = { version: 1, stack, importFile: written ?? null, zones: adoption };
  return {
    status: adoption.some(({ comparison }) => comparison.conflicts.length > 0) ? 1 : 0,
    output: options.json
      ? `${JSON.stringify(json, undefined, 2)}\n`
      : formatAdoption(adoption, stack, written),
  };
}

/**
 * @internal Every publisher of the zones, with the credentials that the provider finds: the stack's configuration, then
 * the environment.
 */
export function openedZones(
  zones: readonly LiveZoneSettings[],
  credentials: Readonly<Record<string, string>>,
  stack = "",
): ReadonlyMap<LiveAccess, LiveZones> {
  const accesses = new Set(zones.map(({ live }) => live));
  return new Map(
    [...accesses].map((access) => {
      const opened = access.open(credentials);
      if (opened === undefined) throw new StackFileError(access.missing(stack));
      return [access, opened];
    }),
  );
}

/** @internal Compares each zone with what the stack declares. */
export async function compareZones(
  zones: readonly LiveZoneSettings[],
  opened: ReadonlyMap<LiveAccess, LiveZones>,
  options: ComparisonOptions,
): Promise<ComparedZone[]> {
  const resources = new Set(zones.flatMap(({ records }) => records.map(({ resource }) => resource)));
  for (const name of options.takeOver) {
    if (!resources.has(name)) throw new UsageError(`--take-over: the stack has no record ${name}.`);
  }
  const byPublisher = Map.groupBy(zones, ({ live }) => live);
  const found = await Promise.all(
    [...byPublisher].map(async ([access, its]) => [access, await opened.get(access)?.read(its)] as const),
  );
  const records = new Map(found);
  return zones.map(({ name, id, publisher, live, records: wanted }) => ({
    name,
    id,
    publisher,
    comparison: compareZone(name, wanted, records.get(live)?.get(id) ?? [], options),
  }));
}

/** @internal */
export function importFileOf(zones: readonly LiveZoneSettings[], adoption: readonly ComparedZone[]): string {
  return importFile(
    zones.map(({ id, parents, form, live }, index) => ({
      parents,
      recordType: form.recordType,
      importId: (record) => live.importId(id, record),
      pluginVersion: versions.pluginOf(live.plugin),
      matches: adoption[index]?.comparison.matches ?? [],
    })),
  );
}

function takeOverOf(call: Call): ReadonlySet<string> {
  const names = String(call.values["take-over"] ?? "").split(",");
  return new Set(names.map((name) => name.trim()).filter((name) => name !== ""));
}

/** The stack's own settings for its publishers, in plain text. */
async function credentialsOf(
  zones: readonly LiveZoneSettings[],
  { provider }: StackFile,
  stack: string,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const key of new Set(zones.flatMap(({ live }) => live.settings))) {
    const written = provider[key];
    if (written !== undefined) values[key] = written === secret ? await secretConfig(stack, key) : written;
  }
  return values;
}

/** The records in the stack's state, each by the name of its resource. */
async function heldRecords(stack: string): Promise<ReadonlyMap<string, string>> {
  if (!stackExists(stack)) return new Map();
  try {
    return recordsInState(await exportedState(stack));
  } catch (error) {
    // In a state of the user's own, only the CLI knows.
    if (error instanceof ToolchainError && error.message.includes("no stack named")) return new Map();
    throw error;
  }
}

/** What a stack knows once it is provisioned. */
interface Known {
  /** Of records that are made from keys, by `name type`. */
  readonly contents?: ReadonlyMap<string, string> | undefined;
  /** With the authority that issues by ACME. */
  readonly account?: OpenedAccount | undefined;
}

async function knownOf(stack: string): Promise<Known> {
  if (!stackExists(stack)) return {};
  try {
    const { zones, acme } = parseRunningStack(await stackOutputs(stack));
    const contents = zones.flatMap(({ records }) =>
      records.map(({ name, type, content }): [string, string] => [`${name} ${type}`, content]),
    );
    return { contents: new Map(contents), account: acme };
  } catch (error) {
    // Not provisioned yet, or not to its end.
    if (error instanceof ToolchainError || error instanceof OutputsError) return {};
    throw error;
  }
}

function formatAdoption(adoption: readonly ComparedZone[], stack: string, file: string | undefined): string {
  const next =
    file === undefined
      ? ["There is nothing to import.", ""]
      : [
          "Nothing has been changed. To make the records the stack's, and then see what remains to be done:",
          "",
          `  npx pulumi import --stack ${stack} --file ${file} --protect=false --generate-code=false`,
          `  npm run preview -- --stack ${stack}`,
          "",
        ];
  return `${[...adoption.map(formatComparison), ...next].join("\n")}`;
}
