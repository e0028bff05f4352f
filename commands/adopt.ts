import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { compareZone } from "../adopt/comparison.ts";
import { importFile } from "../adopt/import-file.ts";
import { type ComparedZone, formatComparison } from "../adopt/report.ts";
import { type CloudflareZoneSettings, cloudflareZones } from "../stacks/cloudflare-zones.ts";
import { parseStackFile, type StackFile, StackFileError, secret } from "../stacks/stack-file.ts";
import { localFolder } from "../toolchain/environment.ts";
import { readStackFile, secretConfig, stackExists, stackOutputs } from "../toolchain/pulumi.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { projectFolder, versions } from "../toolchain/versions.ts";
import { parseTarget, TargetError } from "../verify/target.ts";
import { type Call, type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { type CloudflareAccess, LiveZoneError, readLiveZones } from "./live-zones.ts";

/** Exit status 0: nothing conflicts, 1: something does, 2: the zones could not be compared. */
export const command: Command = {
  usage: "[--stack NAME] [--take-over RESOURCE[,RESOURCE]] [--out FILE] [--json]",
  options: {
    ...stackOption,
    ...jsonOption,
    "take-over": {
      type: "string",
      value: "RESOURCES",
      description: "conflicting records that `up` is to change in place, by the names that are printed",
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
      return await adopt(call, stack);
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

async function adopt(call: Call, stack: string): Promise<number> {
  const { name, text } = readStackFile(stack);
  const file = parseStackFile(name, text);
  const access = { token: await tokenOf(file, stack), baseUrl: baseUrlOf(file) };
  const zones = cloudflareZones(file.settings, await knownContents(stack));
  const adoption = await compareZones(zones, access, takeOverOf(call));
  const out = resolve(String(call.values.out ?? join(localFolder, "import", `${stack}.json`)));
  const imports = adoption.flatMap(({ comparison }) => comparison.matches).length;
  if (imports > 0) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, importFileOf(zones, adoption));
  }
  const written = imports > 0 ? relative(projectFolder, out) : undefined;
  process.stdout.write(
    call.values.json === true
      ? `${JSON.stringify({ version: 1, stack, importFile: written ?? null, zones: adoption }, undefined, 2)}\n`
      : formatAdoption(adoption, stack, written),
  );
  return adoption.some(({ comparison }) => comparison.conflicts.length > 0) ? 1 : 0;
}

/**
 * @internal Compares each zone as it stands with what the stack declares.
 *
 * @param takeOver - see {@link compareZone}
 */
export async function compareZones(
  zones: readonly CloudflareZoneSettings[],
  access: CloudflareAccess,
  takeOver: ReadonlySet<string>,
): Promise<ComparedZone[]> {
  if (zones.length === 0) {
    throw new StackFileError("No domain of this stack has dns: cloudflare; there is nothing to adopt.");
  }
  const resources = new Set(zones.flatMap(({ records }) => records.map(({ resource }) => resource)));
  for (const name of takeOver) {
    if (!resources.has(name)) throw new UsageError(`--take-over: the stack has no record ${name}.`);
  }
  const live = await readLiveZones(zones, access);
  return zones.map(({ name, id, records }) => ({
    name,
    id,
    comparison: compareZone(name, records, live.get(id) ?? [], takeOver),
  }));
}

/** @internal */
export function importFileOf(
  zones: readonly CloudflareZoneSettings[],
  adoption: readonly ComparedZone[],
): string {
  const parts = zones.map(({ id, parents }, index) => ({
    zoneId: id,
    parents,
    matches: adoption[index]?.comparison.matches ?? [],
  }));
  return importFile(parts, versions.cloudflarePlugin);
}

function takeOverOf(call: Call): ReadonlySet<string> {
  const names = String(call.values["take-over"] ?? "").split(",");
  return new Set(names.map((name) => name.trim()).filter((name) => name !== ""));
}

/** As the provider finds it: the stack's configuration, then the environment. */
async function tokenOf({ provider }: StackFile, stack: string): Promise<string> {
  const written = provider["cloudflare:apiToken"];
  if (written === secret) return await secretConfig(stack, "cloudflare:apiToken");
  const token = written ?? process.env.CLOUDFLARE_API_TOKEN;
  if (token !== undefined && token !== "") return token;
  throw new StackFileError(
    `cloudflare:apiToken: is missing: \`pulumi config set --secret cloudflare:apiToken --stack ${stack}\`, ` +
      "or set CLOUDFLARE_API_TOKEN.",
  );
}

function baseUrlOf({ provider }: StackFile): string | undefined {
  const written = provider["cloudflare:baseUrl"];
  return typeof written === "string" ? written : undefined;
}

/** What a provisioned stack has told of records that are made from keys, by `name type`. */
async function knownContents(stack: string): Promise<Map<string, string>> {
  if (!stackExists(stack)) return new Map();
  try {
    const { zones } = parseTarget(await stackOutputs(stack));
    return new Map(
      zones.flatMap(({ records }) =>
        records.map(({ name, type, content }): [string, string] => [`${name} ${type}`, content]),
      ),
    );
  } catch (error) {
    // Not provisioned yet, or not to its end.
    if (error instanceof ToolchainError || error instanceof TargetError) return new Map();
    throw error;
  }
}

function formatAdoption(adoption: readonly ComparedZone[], stack: string, file: string | undefined): string {
  const next =
    file === undefined
      ? ["Nothing is there to import.", ""]
      : [
          "Nothing has been changed. To make the records the stack's, and then see what is left to do:",
          "",
          `  npx pulumi import --stack ${stack} --file ${file} --protect=false --generate-code=false`,
          `  npm run preview -- --stack ${stack}`,
          "",
        ];
  return `${[...adoption.map(formatComparison), ...next].join("\n")}`;
}
