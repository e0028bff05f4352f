/** What ends the program before it has declared anything. */
import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { readiness } from "../../engine/readiness.ts";
import { parseObjectName } from "../../naming/engine.ts";
import { type LiveAccess, LiveZoneError } from "../../publishers/live.ts";
import { type LiveZoneSettings, liveZones } from "../program/live-zones.ts";
import { formatProblems } from "../reading/problems.ts";
import { stackFile } from "../reading/read.ts";
import type { StackSettings } from "../schema/config.ts";
import { findTakenPorts, openedPorts } from "./ports.ts";

/**
 * Makes sure, before anything is created, that the engine that the settings name can be used: host key, login and
 * version. A preview shows what would be made without it.
 *
 * @throws RunError with what is wrong and what to do about it.
 */
export async function refuseUnreadyEngine({ dockerHost }: StackSettings): Promise<void> {
  if (dockerHost === undefined) return;
  const found = await readiness(new DockerEngine(dockerHost));
  if ("version" in found) return;
  if (pulumi.runtime.isDryRun())
    return pulumi.log.warn(`dockerHost: the engine could not be asked: ${found.problem}`);
  throw new pulumi.RunError(formatProblems(stackFile(), [`dockerHost: ${found.problem}`]));
}

/**
 * Makes sure, before anything is created, that the stack can open its ports.
 *
 * @throws RunError that names each taken port, who holds it, and the setting that moves it.
 */
export async function refuseTakenPorts(settings: StackSettings): Promise<void> {
  const own = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const isOwn = (name: string) => parseObjectName(own, "container", name) !== undefined;
  const engine = new DockerEngine(settings.dockerHost);
  const problems = await findTakenPorts(openedPorts(settings), engine, isOwn);
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(stackFile(), problems));
}

/**
 * Makes sure, before anything is created, that the stack can read the zones that it publishes elsewhere, and before an
 * update that it can write them. Otherwise the provider would report the same for every record, after others have been
 * made.
 *
 * @throws RunError with what is wrong with every zone, and the setting that fixes it.
 */
export async function refuseUnusableZones(settings: StackSettings): Promise<void> {
  const byPublisher = Map.groupBy(liveZones(settings), ({ live }) => live);
  const checked = await Promise.all([...byPublisher].map(([access, zones]) => problemsOf(access, zones)));
  const errors = checked.filter((error) => error !== undefined);
  if (errors.length === 0) return;
  const message = errors.map((error) => error.message).join("\n");
  // What would be made can be shown without the publisher.
  if (pulumi.runtime.isDryRun() && errors.every(({ isReached }) => !isReached)) {
    return pulumi.log.warn(message);
  }
  throw new pulumi.RunError(`${message}\nNothing has been changed.`);
}

async function problemsOf(
  access: LiveAccess,
  zones: readonly LiveZoneSettings[],
): Promise<LiveZoneError | undefined> {
  // Without credentials the provider may still have some of another kind, or report that it has none.
  const live = access.open(allConfig());
  try {
    await live?.check(zones, { write: !pulumi.runtime.isDryRun() });
    return undefined;
  } catch (error) {
    if (error instanceof LiveZoneError) return error;
    throw error;
  }
}
