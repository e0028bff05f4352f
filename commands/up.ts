import { clientsHint } from "../clients/card.ts";
import { applicationOfNames, localNames } from "../clients/local-names.ts";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { agentState, isCertified } from "../outputs/certificate-agent.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import { policyHost } from "../records/index.ts";
import { printForPeople } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { awaitCertificates, awaitShownCertificates } from "./await-certificates.ts";
import { awaitGenerations } from "./await-generations.ts";
import { closingCard } from "./clients.ts";
import { allOption, type Call, type Command, stackOption, textOf } from "./command.ts";
import { confirm } from "./confirm.ts";
import { restoreEditedZones } from "./edited-zones.ts";
import { generationsInState, outputsInState } from "./exported-state.ts";
import { findHolders, removeHolders } from "./held.ts";
import { forgetApplied, isAsApplied, madeFrom, rememberApplied } from "./last-applied.ts";
import { refuseRunningUpdate } from "./locks.ts";
import { describeLost, type LostName, lostNames } from "./names-on-machine.ts";
import { noteOwnConnections } from "./own-connections.ts";
import {
  ensureStack,
  exportedState,
  lastStoredUpdate,
  lastUpdateOf,
  provePassphrase,
  pulumi,
  readStackFile,
} from "./pulumi.ts";
import { readRunningStack } from "./running-stack.ts";
import { describeDrift, type Examined, examineServers, parseContainers } from "./server-drift.ts";
import { declaredEngine, type Recognised, refuseOtherEngine, stepsOfDeclared } from "./stack-engine.ts";
import { findStrays, removeObjects } from "./strays.ts";
import { showBriefly } from "./update-output.ts";

/** From whatever the machine has to a domain that runs and is checked. Exit status: pulumi's, then verify's. */
export const command: Command = {
  usage: "[--stack NAME] [--ask] [--all] [-- OPTIONS OF pulumi up]",
  options: {
    ...stackOption,
    ask: { type: "boolean", description: "ask before anything is changed" },
    ...allOption,
  },
  takes: { rest: true },
  setUp: stepsOfDeclared,

  async run(call) {
    const { report, values, rest } = call;
    const stack = textOf(call, "stack");
    await ensureStack(stack);
    refuseRunningUpdate(stack);
    const exported = await exportedState(stack);
    const recognised = await refuseOtherEngine(stack, exported);
    if (recognised.note !== undefined) report.note(recognised.note);
    if (!(await clearStrays(stack, exported, call))) return 1;
    const { examined, options } = await tellDrift(declaredEngine(stack), exported, recognised, report);
    if (!(await clearHolders(stack, exported, call))) return 1;
    const isAsked = values.ask === true;
    // Whoever is asked has to see what the question is about.
    const isWhole = values.all === true || isAsked;
    const change = async (options: readonly string[]) => {
      const made = rest.length === 0 ? madeFrom(readStackFile(stack).text) : undefined;
      const isRepeated =
        !isAsked && options.length === 0 && isAsApplied(stack, made, lastStoredUpdate(stack));
      forgetApplied(stack);
      const asks = [...(isAsked ? [] : ["--yes"]), ...(isRepeated ? ["--skip-preview"] : [])];
      // The closing card says what people need of the outputs.
      const words = ["up", "--suppress-outputs", ...asks, ...options, ...rest];
      const status = await (isWhole
        ? pulumi(stack, words)
        : showBriefly(report, (shown) => pulumi(stack, words, { shown })));
      if (status === 0) rememberApplied(stack, made, lastStoredUpdate(stack));
      return status;
    };
    // The checks are half of what this command loads: while the CLI runs.
    const [status, { verifyForPeople }] = await Promise.all([change(options), import("./verify.ts")]);
    if (status !== 0) return status;
    const isChanged = await tellChanges(stack, report);
    // A server whose container is another one, or that was repaired, has to serve it again.
    let running = await settle(stack, isChanged ? { ...examined, served: new Map() } : examined, report);
    noteOwnConnections(stack, running);
    const missing = await awaitAll(running, report);
    if (await canAnnounce(running)) {
      // Whether a record exists is decided before a run: those that wait for a certificate are for another one.
      report.note("Publishing the records that were waiting for a certificate");
      const again = await change([]);
      if (again !== 0) return again;
      await tellChanges(stack, report);
      running = await settle(stack, { drift: [], served: new Map() }, report);
    }
    if (missing !== undefined) throw missing;
    const [checked, lost] = await Promise.all([verifyForPeople(running, call), lostNamesOf(running, stack)]);
    // What failed stays the last thing on the screen.
    if (checked !== 0) return checked;
    const namesCommand = lost.length > 0 ? applicationOfNames(stack) : undefined;
    const closing = isFirst(exported)
      ? closingCard(running, stack, { namesCommand })
      : `${clientsHint(stack)}${namesCommand === undefined ? "" : `${describeLost(lost)}: \`${namesCommand}\`\n`}`;
    printForPeople(`\n${closing}`);
    return checked;
  },
};

async function lostNamesOf(running: RunningStack, stack: string): Promise<readonly LostName[]> {
  const names = localNames(stack, running);
  return names === undefined ? [] : await lostNames(names);
}

/** @returns what the certificates that are missing are missing for. */
async function awaitAll(running: RunningStack, report: Report): Promise<ToolchainError | undefined> {
  try {
    const engine = reportedEngine(running.endpoint);
    await awaitCertificates(engine, running, report);
    await awaitShownCertificates(engine, running, report);
    return undefined;
  } catch (error) {
    if (error instanceof ToolchainError) return error;
    throw error;
  }
}

/** Whether a certificate has come for which a record waits. */
async function canAnnounce({
  acme,
  endpoint,
  containers: { certificateAgent },
}: RunningStack): Promise<boolean> {
  if (acme?.awaited === undefined || !certificateAgent) return false;
  const state = await agentState(reportedEngine(endpoint), certificateAgent);
  return acme.awaited.some((domain) => isCertified(state, policyHost(domain)));
}

/**
 * Waits until each server serves what this `up` has declared, and restores zones that were edited by hand.
 *
 * @returns what the stack says of itself.
 */
async function settle(stack: string, examined: Examined, report: Report): Promise<RunningStack> {
  // What is not secret is in the state. The CLI decrypts the rest of the outputs while the servers take theirs.
  const [running] = await Promise.all([readRunningStack(stack), settleServers(stack, examined, report)]);
  return running;
}

async function settleServers(stack: string, { served }: Examined, report: Report): Promise<void> {
  const servers = parseContainers(outputsInState(await exportedState(stack)));
  // Reading all outputs says what is wrong with them.
  if (servers === undefined) return;
  const engine = reportedEngine(servers.endpoint);
  await awaitGenerations(engine, servers, report, served);
  await restoreEditedZones(engine, servers, report);
}

/** Whether nothing of the stack was there before: its people need everything. */
function isFirst(exported: string): boolean {
  return parseContainers(outputsInState(exported)) === undefined;
}

/** What somebody has changed by hand since the last `up`, one line each, and pulumi's options to restore it. */
async function tellDrift(
  engine: DockerEngine,
  exported: string,
  { isMoved, isVolumeMissing }: Recognised,
  report: Report,
): Promise<{ readonly examined: Examined; readonly options: readonly string[] }> {
  const found = parseContainers(outputsInState(exported));
  if (found === undefined) return { examined: { drift: [], served: new Map() }, options: [] };
  const examined = await examineServers(engine, found, generationsInState(exported));
  const { drift } = examined;
  for (const line of drift.map(describeDrift)) report.note(line);
  if (isVolumeMissing) report.note("The volume with the stack's identity is missing; recreating");
  if (drift.length === 0 && !isVolumeMissing) return { examined, options: [] };
  // The state still lists what is missing. Otherwise the engine at the former address would be asked what there is.
  return { examined, options: ["--refresh", ...(isMoved ? ["--run-program"] : [])] };
}

/**
 * An `up` that was cut off may have left things that this one could not make again. Pulumi knows nothing of them, so
 * that with `--ask` they have a question of their own.
 *
 * @returns whether to continue
 */
async function clearStrays(stack: string, exported: string, { report, values }: Call): Promise<boolean> {
  const engine = declaredEngine(stack);
  const strays = await findStrays(engine, stack, exported);
  if (strays.length === 0) return true;
  const names = strays.map(({ kind, name }) => `the ${kind} ${name}`).join(", ");
  if (values.ask === true && !(await confirm(`Remove ${names}, left by an up that was cut off?`))) {
    report.note(
      `Nothing was changed. ${names} still exist: \`up\` cannot create them until they are removed.`,
    );
    return false;
  }
  await provePassphrase(stack);
  await removeObjects(engine, strays);
  report.note(`Removed ${names}, left by an up that was cut off`);
  return true;
}

/**
 * A server that gets what another one gives up can only be made after that one's container is gone.
 *
 * @returns whether to continue
 */
async function clearHolders(stack: string, exported: string, { report, values }: Call): Promise<boolean> {
  const holders = findHolders(stack, exported);
  if (holders.length === 0) return true;
  const names = holders.map(({ server }) => server).join(", ");
  for (const { server, reasons } of holders) report.note(`${server} gives up ${reasons.join("; ")}`);
  if (values.ask === true && !(await confirm(`Remove the container of ${names} first?`))) {
    report.note("Nothing was changed.");
    return false;
  }
  await removeHolders(stack, declaredEngine(stack), holders);
  report.note(`Removed the container of ${names}; volumes stay`);
  return true;
}

/** @returns whether the last update has changed anything */
async function tellChanges(stack: string, report: Report): Promise<boolean> {
  const last = (await lastUpdateOf(stack)) as { readonly resourceChanges?: ResourceChanges } | undefined;
  const changes = last?.resourceChanges;
  report.done(summarizeChanges(changes ?? {}));
  return (
    changes === undefined || Object.entries(changes).some(([what, count]) => what !== "same" && count > 0)
  );
}

/** Counts by operation, as `pulumi stack history --json` gives them. */
export type ResourceChanges = Readonly<Record<string, number>>;

/** @internal One sentence on what an update did. */
export function summarizeChanges({ same = 0, ...changes }: ResourceChanges): string {
  const done = Object.entries(changes).filter(([, count]) => count > 0);
  if (done.length === 0) return `Nothing has changed: all ${same} resources are as declared`;
  const parts = done.map(([operation, count]) => `${count} ${operation.replace(/e$/, "ed")}`);
  return `Resources: ${[...parts, ...(same > 0 ? [`${same} unchanged`] : [])].join(", ")}`;
}
