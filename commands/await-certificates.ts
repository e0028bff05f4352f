/** Whether the certificates that an `up` has ordered have come. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { agentState, type CertificateStatus, reasonOf } from "../outputs/certificate-agent.ts";
import { isLeftOut } from "../outputs/left-out-names.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import { serverViews } from "../outputs/server-views.ts";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { openTls } from "../verify/probes/tls.ts";
import { servicesOf, type TlsPort, webPlacesOf } from "../verify/services.ts";

/** How long is waited, in milliseconds. */
export interface OrderPatience {
  /** For an order that is under way: an authority looks from several places. */
  readonly limit: number;
  /** For one that has failed to be tried again at once, with what this `up` has changed. */
  readonly failure: number;
  readonly between: number;
}

const ordinary: OrderPatience = { limit: 300_000, failure: 20_000, between: 500 };

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
  { limit, failure, between }: OrderPatience = ordinary,
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
      const failing = missing.filter(({ name }) => certificates.get(name)?.state === "failing");
      const isHopeless = failing.length === missing.length && waited > failure;
      if (isHopeless || waited > limit) {
        throw new ToolchainError(describe(missing, certificates, Math.round(waited / 1000)));
      }
      await sleep(between);
    }
  });
}

/**
 * Waits until no server shows a temporary certificate any more: each looks for chains once a second, and takes some for a
 * reload. One that does not is for `verify` to report.
 */
export async function awaitShownCertificates(
  running: RunningStack,
  report: Report,
  { limit, between }: Pick<OrderPatience, "limit" | "between"> = { limit: 60_000, between: 500 },
): Promise<void> {
  if (running.acme === undefined) return;
  const started = performance.now();
  await report.during("waiting for the servers to show them", async (detail) => {
    for (const place of placesOf(running)) {
      detail(`${place.serverName} at port ${place.port}`);
      while ((await isTemporaryAt(place)) && performance.now() - started < limit) await sleep(between);
    }
  });
}

/** Every port with TLS, under each name that clients use there. */
function placesOf(running: RunningStack): TlsPort[] {
  const mail = serverViews(running).flatMap((view) =>
    view.domains.flatMap((domain) => servicesOf(view, domain)),
  );
  return [...mail, ...webPlacesOf(running)].filter(({ serverName }) => !isLeftOut(running, serverName));
}

/** Its own key has signed it. What cannot be asked at all is not waited for. */
async function isTemporaryAt(place: TlsPort): Promise<boolean> {
  try {
    const socket = await openTls(place, { rejectUnauthorized: false });
    const certificate = socket.getPeerX509Certificate();
    socket.destroy();
    return certificate?.checkIssued(certificate) ?? false;
  } catch {
    return false;
  }
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
    "The agent keeps trying, and nothing has to be run again once the reason is gone. Port 80 of every name must be reachable from " +
      "outside: docs/certificates.md lists what else may be in the way.",
  ].join("\n");
}
