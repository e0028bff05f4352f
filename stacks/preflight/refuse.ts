/** What ends the program before it has declared anything. */
import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { Rollout } from "../../components/index.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { type EngineKind, engineKind } from "../../engine/port-forwarding.ts";
import { readiness } from "../../engine/readiness.ts";
import { parseObjectName, type StackName } from "../../naming/engine.ts";
import { ServerRole } from "../../naming/servers.ts";
import { shown } from "../../naming/unseen.mjs";
import { unaskedEngine } from "../../outputs/unasked-engine.ts";
import { uncheckedRules } from "../../outputs/unchecked-rules.ts";
import { type LiveAccess, LiveZoneError } from "../../publishers/live.ts";
import { type LiveZoneSettings, liveZones } from "../program/live-zones.ts";
import type { FormerHostNames } from "../program/servers.ts";
import { wantsIPv6 } from "../program/stack-network.ts";
import { formatProblems } from "../reading/problems.ts";
import { stackFile } from "../reading/read.ts";
import type { StackSettings } from "../schema/config.ts";
import { awaitedPolicies } from "./awaited-policies.ts";
import { certificateWarnings } from "./certificates.ts";
import { examine, nameOfEngine } from "./engine-identity.ts";
import { familiesOf } from "./families.ts";
import { type FormerEngine, formerEngine, type KnownResource } from "./former-engine.ts";
import { keptNames } from "./former-host-names.ts";
import { type FormerServers, formerServers } from "./former-servers.ts";
import { findHeld } from "./held-ports.ts";
import { formerNames, leadingNames } from "./leading-names.ts";
import { findMoves } from "./moves.ts";
import { findTakenPorts, openedPorts } from "./ports.ts";
import { problemOfImage } from "./rehearsal.ts";
import { findBrokenRules } from "./rules.ts";
import { idIn, storedResources } from "./stored-resources.ts";

/**
 * Makes sure, before anything is created, that the engine that the settings name can be used (host key, login and
 * version), and that it is the one that the stack runs on. Otherwise Pulumi would take all that the state knows to be
 * there, or make it again without the mail.
 *
 * A preview fails for neither: with another engine it shows the containers replaced that would have to be made there,
 * and where the engine does not answer it compares addresses.
 *
 * @returns the identity that the stack's containers carry; unknown before the first update
 * @throws RunError with what is wrong and what to do about it.
 */
export async function refuseOtherEngine(
  { dockerHost }: StackSettings,
  known: readonly KnownResource[],
): Promise<pulumi.Input<string>> {
  const former = formerEngine(known);
  const engine = new DockerEngine(dockerHost);
  const ready = await readiness(engine);
  if ("problem" in ready) return withoutAnswer(former, dockerHost, ready.problem);
  const { identity, problem, note } = await examine(ownName(), former, engine);
  if (problem === undefined) {
    if (note !== undefined) pulumi.log.info(`dockerHost: ${note}`);
    return former?.identity ?? identity ?? newIdentity();
  }
  if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(formatProblems(stackFile(), [problem]));
  pulumi.log.warn(shown(`${problem}\nThis preview shows what would be made again there; \`up\` refuses to.`));
  return identity ?? "none";
}

/** Whether the stack's network has IPv6, with a warning where it should and cannot. */
export async function hasIPv6(settings: StackSettings, known: readonly KnownResource[]): Promise<boolean> {
  const kind = wantsIPv6(settings) ? await kindOf(new DockerEngine(settings.dockerHost)) : undefined;
  const families = familiesOf(settings, known, kind);
  if (families.warning !== undefined) pulumi.log.warn(shown(`maildomain:${families.warning}`));
  return families.hasIPv6;
}

/** Nothing of one that does not answer: that is reported where it is first asked. */
async function kindOf(engine: DockerEngine): Promise<EngineKind | undefined> {
  try {
    return await engineKind(engine);
  } catch {
    return undefined;
  }
}

function withoutAnswer(
  former: FormerEngine | undefined,
  dockerHost: string | undefined,
  problem: string,
): pulumi.Input<string> {
  if (!pulumi.runtime.isDryRun()) {
    throw new pulumi.RunError(formatProblems(stackFile(), [`dockerHost: ${problem}`]));
  }
  const said = former === undefined ? "the engine does not answer" : comparedBy(former, dockerHost);
  pulumi.log.warn(shown(`dockerHost: ${said}: ${problem}`));
  return former?.identity ?? newIdentity();
}

function comparedBy(former: FormerEngine, dockerHost: string | undefined): string {
  const [from, to] = [nameOfEngine(former.host), nameOfEngine(dockerHost)];
  const compared = from === to ? `it is still ${to}` : `it is ${to}, and the stack runs on ${from}`;
  return `${unaskedEngine} whether it is the one that the stack runs on, so that only its address was compared (${compared})`;
}

/** Made once: from then on it is on the engine and in the state. */
function newIdentity(): pulumi.Input<string> {
  return pulumi.runtime.isDryRun() ? (pulumi.output(unknown) as pulumi.Output<string>) : randomUUID();
}

/**
 * What the state had before this run. The program has to know it before it declares anything. From local files it reads
 * that itself: the engine would decrypt all of it once more, and hand on every server's whole configuration.
 */
export async function knownResources(): Promise<KnownResource[]> {
  return storedResources(ownName()) ?? (await resourcesByEngine());
}

async function resourcesByEngine(): Promise<KnownResource[]> {
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const answer: { readonly outputs?: Readonly<Record<string, Omit<KnownResource, "urn">>> } =
    await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return Object.entries(answer.outputs ?? {}).map(([urn, { type, outputs }]) => ({
    urn,
    type,
    outputs,
    id: idIn(outputs),
  }));
}

function ownName(): StackName {
  return { project: pulumi.getProject(), stack: pulumi.getStack() };
}

/** Warns of certificates that others do not trust, or not for much longer. */
export function warnOfCertificates(settings: StackSettings): void {
  for (const line of certificateWarnings(settings, new Date())) pulumi.log.warn(shown(`maildomain:${line}`));
}

/** The names that are in no certificate, since they lead elsewhere, with a warning of each. */
export async function namesElsewhere(
  settings: StackSettings,
  known: readonly KnownResource[],
): Promise<ReadonlySet<string>> {
  const { elsewhere, warnings } = await leadingNames(settings, formerNames(known));
  for (const line of warnings) pulumi.log.warn(shown(`maildomain:${line}`));
  return elsewhere;
}

/** The domains whose MTA-STS policy nobody could read yet, with a note of each. */
export async function policiesAwaited(
  settings: StackSettings,
  known: readonly KnownResource[],
  { containers }: Pick<FormerServers, "containers">,
): Promise<ReadonlySet<string>> {
  const agent = containers.get(ServerRole.certificateAgent)?.id;
  const engine = new DockerEngine(settings.dockerHost);
  const { awaited, notes } = await awaitedPolicies(settings, known, agent, engine);
  for (const line of notes) pulumi.log.info(shown(`maildomain:${line}`));
  return awaited;
}

/** The names that servers had before, whose records stay, with a note of each that is left now. */
export function hostNamesKept(settings: StackSettings, known: readonly KnownResource[]): FormerHostNames {
  const { kept, notes } = keptNames(settings, ownName(), known, new Date());
  for (const line of notes) pulumi.log.info(shown(`maildomain:${line}`));
  return kept;
}

/** The servers that the stack has now. */
export function ownServers(known: readonly KnownResource[]): FormerServers {
  return formerServers(ownName(), known);
}

/**
 * Makes sure that each domain stays with the server that has its mail, and each server with its volumes.
 *
 * @throws RunError that names every change which would part them, and how it is made.
 */
export function refuseMoves(settings: StackSettings, former: FormerServers): void {
  const problems = findMoves(settings, former);
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(stackFile(), problems));
}

/**
 * Pulumi makes what is new before it deletes what is old: a server could not have a port or a place that another one
 * gives up by the same update. `npm run up` removes that one's container first.
 *
 * @throws RunError in an update; a preview shows it as a warning.
 */
export function refuseHeld(settings: StackSettings, former: FormerServers): void {
  const problems = findHeld(settings, former, pulumi.getStack()).map(
    ({ setting, what, holder }) =>
      `${setting}: ${holder} still has ${what}, which it gives up by the same change: run ` +
      "`npm run up`, which removes its container first",
  );
  if (problems.length === 0) return;
  const message = formatProblems(stackFile(), problems);
  if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(message);
  pulumi.log.warn(message);
}

/**
 * Makes sure, before anything is created, that the stack can open its ports.
 *
 * @throws RunError that names each taken port, who holds it, and the setting that moves it.
 */
export async function refuseTakenPorts(settings: StackSettings): Promise<void> {
  const own = ownName();
  const isOwn = (name: string) => parseObjectName(own, "container", name) !== undefined;
  const engine = new DockerEngine(settings.dockerHost);
  const problems = await findTakenPorts(openedPorts(settings), engine, isOwn);
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(stackFile(), problems));
}

/**
 * Makes sure, before anything changes, that the rules that are declared compile: a server would refuse all that it is
 * given with them. A preview warns where no server runs that could be asked.
 *
 * @param texts - the files of rules, by their names in the settings
 * @throws RunError with what is wrong with every file, and the mailbox that has it.
 */
export async function refuseBrokenRules(
  settings: StackSettings,
  former: FormerServers,
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  const engine = new DockerEngine(settings.dockerHost);
  const problems = await findBrokenRules(settings, texts, former, engine);
  if (problems === undefined && pulumi.runtime.isDryRun()) {
    pulumi.log.warn(
      `${uncheckedRules}: no mail server runs that could be asked, and one that refuses them takes nothing else either`,
    );
  }
  if (problems !== undefined && problems.length > 0) {
    throw new pulumi.RunError(shown(formatProblems(stackFile(), problems)));
  }
}

/**
 * How the servers that exist are replaced: an update in which a new image does not serve what it is given ends before any
 * of them has been stopped, with an error that names the server and the reason.
 */
export function rolloutOf({ dockerHost }: StackSettings, { containers, ports }: FormerServers): Rollout {
  const engine = new DockerEngine(dockerHost);
  return new Rollout({
    images: new Map([...containers].map(([server, { image = "" }]) => [server, image])),
    ports: Map.groupBy(ports, ({ server }) => server),
    async rehearse(server) {
      pulumi.log.info(`${server.name}: trying its new image with its configuration`);
      const problem = await problemOfImage(server, engine);
      return problem && shown(problem);
    },
  });
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
  const message = shown(errors.map((error) => error.message).join("\n"));
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
