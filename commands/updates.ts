import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageOf } from "../components/server-image.ts";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { type ServerImage, ServerRole } from "../naming/servers.ts";
import { containersOf, type RunningStack } from "../outputs/running-stack.ts";
import { interruption } from "../review/server.ts";
import { type ImageBuild, PACKAGES_LABEL } from "../servers/image-build.ts";
import { parseStackFile, withPackages } from "../stacks/reading/stack-file.ts";
import { refreshBaseImage, restoreBaseImage } from "../toolchain/base-image.ts";
import { print } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { type Call, type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { readStackFile } from "./pulumi.ts";
import { readRunningStack } from "./running-stack.ts";
import { type ServerUpdates, serversWithUpdates } from "./servers-with-updates.ts";
import { declaredEngine, stepsOf } from "./stack-engine.ts";
import { command as up } from "./up.ts";

/** Exit status 0: nothing is pending, 1: something is, 2: it could not be asked; with --apply and --back, that of `up`. */
export const command: Command = {
  usage: "[--stack NAME] [--json | --apply | --back]",
  options: {
    ...stackOption,
    ...jsonOption,
    apply: { type: "boolean", description: "write today's date to the stack file, and run `up`" },
    back: { type: "boolean", description: "return to the images before, which the engine has kept" },
  },
  setUp: stepsOf,

  async run(call) {
    const { json, apply, back } = call.values;
    if ([json, apply, back].filter(Boolean).length > 1) {
      throw new UsageError("--json, --apply and --back exclude each other.");
    }
    const stack = textOf(call, "stack");
    const running = await readRunningStack(stack);
    const engine = reportedEngine(running.endpoint);
    if (back === true) return await goBack(call, stack, running, engine);
    const servers = await serversWithUpdates(running, engine, call.report);
    const day = nextDay(servers.map(({ packages }) => packages));
    const isPending = servers.some(({ updates }) => updates.length > 0);
    if (apply === true) return isPending ? await moveOn(call, stack, day) : noUpdates(call.report);
    print(
      json === true
        ? `${JSON.stringify({ version: 1, stack, proposed: day, servers }, undefined, 2)}\n`
        : updatesMarkdown(stack, servers, day),
    );
    return isPending ? 1 : 0;
  },
};

/** Today, or the day after the latest in use: the images of one day are built once. */
function nextDay(inUse: readonly string[], now = new Date()): string {
  const today = now.toISOString().slice(0, 10);
  const latest = inUse.toSorted().at(-1) ?? "";
  if (latest < today) return today;
  return new Date(Date.parse(`${latest}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function noUpdates(report: Report): number {
  report.done("Every package is the latest that the archive has");
  return 0;
}

/** @internal What is old and new, and whom the change interrupts. */
export function updatesMarkdown(stack: string, servers: readonly ServerUpdates[], day: string): string {
  const updates = (option: string) =>
    `\`npm run updates -- ${stack === "lab" ? "" : `--stack ${stack} `}${option}\``;
  const pending = servers.filter(({ updates }) => updates.length > 0);
  if (pending.length === 0) return `**${stack}**: every package is the latest that the archive has.\n`;
  return `${[
    ...pending.map(serverMarkdown),
    [
      `To apply them, put this into stacks/Pulumi.${stack}.yaml, which ${updates("--apply")} does before it runs \`up\`:`,
      "",
      "```yaml",
      "  maildomain:images:",
      `    packages: ${day}`,
      "```",
      "",
      `The new images are built before a container stops, and the former ones are kept: ${updates("--back")} returns to them.`,
    ].join("\n"),
  ].join("\n\n")}\n`;
}

function serverMarkdown({ name, packages, updates }: ServerUpdates): string {
  const rows = updates.map(
    ({ name, from, to, isSecurity, cves }) =>
      `| ${name} | ${from} | ${to} | ${[...(isSecurity ? ["security"] : []), ...cves].join(", ")} |`,
  );
  return [
    `### ${name}${packages === "" ? "" : `, packages of ${packages}`}`,
    "",
    "| package | runs | archive | fixes |",
    "|---|---|---|---|",
    ...rows,
    "",
    interruption(name),
  ].join("\n");
}

/** To the packages of a later day, on the base image of today. */
async function moveOn(call: Call, stack: string, day: string): Promise<number> {
  const { name, text } = readStackFile(stack);
  const { base, packages } = parseStackFile(name, text).settings.images;
  await refreshBaseImage({ base, packages, host: declaredEngine(stack).host }, call.report);
  return await moveTo(call, stack, day);
}

/** Has the stack's images be those of a day. @returns the exit status of `up` */
async function moveTo(call: Call, stack: string, day: string): Promise<number> {
  const { name, text } = readStackFile(stack);
  writeFileSync(join(projectFolder, name), withPackages(text, day));
  call.report.note(`${name} has the packages of ${day}`);
  return await up.run({ ...call, rest: [] });
}

/** To the images that were in use before. */
async function goBack(
  call: Call,
  stack: string,
  running: RunningStack,
  engine: DockerEngine,
): Promise<number> {
  const { name, text } = readStackFile(stack);
  const { images } = parseStackFile(name, text).settings;
  const containers = containersOf(running);
  const roles = containers.map(({ role }) =>
    role === "innerDnsServer" ? ServerRole.dnsServer : ServerRole[role],
  );
  const former = await formerImages(engine, roles, images);
  if (former === undefined) {
    throw new ToolchainError(
      `The engine of stack ${stack} has no images from before ${images.packages} of this version of the project: they are kept until somebody removes them (\`docker image prune --all\`).`,
    );
  }
  const { packages, ids } = former;
  await restoreBaseImage({ base: images.base, packages, host: declaredEngine(stack).host });
  const status = await moveTo(call, stack, packages);
  const now = await Promise.all(
    containers.map(async ({ name }) => (await engine.imageOf(name, PACKAGES_LABEL)).id),
  );
  if (status !== 0 || now.join() === ids.join()) return status;
  call.report.fail(
    "The engine has built the former images again, with today's packages: its build cache had been removed.",
  );
  return 1;
}

/** @internal The latest day before the one in use of which the engine still has every image, and their ids. */
export async function formerImages(
  engine: DockerEngine,
  images: readonly ServerImage[],
  { base, packages: current }: ImageBuild,
): Promise<{ readonly packages: string; readonly ids: readonly string[] } | undefined> {
  const days = (await engine.imageLabels(PACKAGES_LABEL)).filter((day) => day < current);
  for (const packages of days.toSorted().reverse()) {
    const ids = await Promise.all(
      images.map((image) => engine.describeImage(imageOf(image, { packages, base }).tag, "{{.Id}}")),
    );
    if (!ids.includes(undefined)) return { packages, ids: ids.filter((id) => id !== undefined) };
  }
  return undefined;
}
