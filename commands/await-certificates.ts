/** Whether the certificates that an `up` has ordered have come. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { type AwaitedChain, awaitedChains } from "../engine/generation.ts";
import { agentState, type CertificateStatus, reasonOf } from "../outputs/certificate-agent.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import { serversWithPairs } from "../outputs/server-views.ts";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";

/** How long is waited, in milliseconds. */
export interface OrderPatience {
  /** For an order that is under way: an authority looks from several places. */
  readonly limit: number;
  /** For one that has failed to be tried again at once, with what this `up` has changed. */
  readonly failure: number;
  /** Until the next attempt, for the one that has failed to be waited for. */
  readonly attempt: number;
  readonly between: number;
}

const ordinary: OrderPatience = { limit: 300_000, failure: 20_000, attempt: 30_000, between: 500 };

/**
 * Waits until the agent has every certificate that the stack orders. Until then servers show a temporary one, or the one
 * before.
 *
 * @throws ToolchainError that names each that is missing, with the authority's reason and the time of the next attempt
 */
export async function awaitCertificates(
  engine: Pick<DockerEngine, "exec">,
  { acme, containers: { certificateAgent } }: Pick<RunningStack, "acme" | "containers">,
  report: Report,
  { limit, failure, attempt, between }: OrderPatience = ordinary,
): Promise<void> {
  if (acme === undefined || !certificateAgent) return;
  const started = performance.now();
  await report.during("waiting for the certificates", async (detail) => {
    for (;;) {
      const { certificates } = await agentState(engine, certificateAgent);
      const missing = acme.orders.filter((order) => !hasCome(order, certificates.get(order.name)));
      if (missing.length === 0) return;
      detail(missing.map(({ name }) => name).join(", "));
      const waited = performance.now() - started;
      const isHopeless =
        waited > failure && missing.every(({ name }) => pauseOf(certificates.get(name)) > attempt);
      if (isHopeless || waited > limit) {
        throw new ToolchainError(describe(acme, missing, certificates, Math.round(waited / 1000)));
      }
      await sleep(between);
    }
  });
}

/**
 * Waits until the servers show what has come: each looks for chains once a second, and a reload takes its time. A chain
 * that is refused is looked at again once a minute, since it may not have been valid yet.
 *
 * @throws ToolchainError that names each server that shows another one, with its reason
 */
export async function awaitShownCertificates(
  engine: Pick<DockerEngine, "exec">,
  running: RunningStack,
  report: Report,
  { limit, between }: Pick<OrderPatience, "limit" | "between"> = ordinary,
): Promise<void> {
  if (running.acme === undefined) return;
  const containers = serversWithPairs(running);
  const started = performance.now();
  await report.during("waiting for the servers to show them", async (detail) => {
    for (;;) {
      const awaited = await Promise.all(
        containers.map(async (container) => ({ container, chains: await awaitedChains(engine, container) })),
      );
      const late = awaited.filter(({ chains }) => chains.length > 0);
      if (late.length === 0) return;
      detail(late.map(({ container }) => container).join(", "));
      if (performance.now() - started > limit) throw new ToolchainError(describeLate(late));
      await sleep(between);
    }
  });
}

function describeLate(
  late: readonly { readonly container: string; readonly chains: readonly AwaitedChain[] }[],
): string {
  const lines = late.flatMap(({ container, chains }) =>
    chains.map(({ pair, refused }) => `  ${container}: ${pair}: ${refused ?? "it has not looked at it yet"}`),
  );
  return [
    "The certificates have been issued, but not every server shows its own; until then it shows the one before, or a temporary one:",
    ...lines,
    "`docker logs` of the server shows more.",
  ].join("\n");
}

/**
 * From a failed attempt to the next one, in milliseconds, by the agent's clock. None where that one is due, and so under way: it
 * may have failed under what this `up` has changed.
 */
function pauseOf(status: CertificateStatus | undefined): number {
  if (status?.state !== "failing" || !status.lastAttempt || !status.nextAttempt) return 0;
  const next = Date.parse(status.nextAttempt);
  return next <= Date.now() ? 0 : next - Date.parse(status.lastAttempt);
}

interface Order {
  readonly name: string;
  readonly hostNames: readonly string[];
}

/** One for other names is that of an earlier order. */
function hasCome({ hostNames }: Order, status: CertificateStatus | undefined): boolean {
  return status?.state === "valid" && hostNames.every((name) => status.names.includes(name));
}

function describe(
  acme: NonNullable<RunningStack["acme"]>,
  missing: readonly Order[],
  certificates: ReadonlyMap<string, CertificateStatus>,
  seconds: number,
): string {
  const lines = missing.map(({ name, hostNames }) => {
    const status = certificates.get(name);
    const reason = status?.state === "failing" ? reasonOf(status) : `no answer after ${seconds} s`;
    return `  ${name} (${hostNames.join(", ")}): ${reason}`;
  });
  return [
    "The stack was changed, but not every certificate has been issued; until then its server shows the one before, or a temporary one:",
    ...lines,
    `The agent keeps trying, and nothing has to be run again once the reason is gone. ${neededOf(acme)}: docs/certificates.md ` +
      "lists what else may be in the way.",
  ].join("\n");
}

/** What the way in which names are proved needs of the world. */
function neededOf({ challengeZone, dnsPersist }: NonNullable<RunningStack["acme"]>): string {
  if (dnsPersist === true) return "Every name's record must be published (`npm run records`)";
  return challengeZone
    ? `Every name's alias must lead into ${challengeZone}`
    : "Port 80 of every name must be reachable from outside";
}
