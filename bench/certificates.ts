/** What certificates by ACME cost: the agent's memory, and how long a domain that is added waits for its own. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { awaitCertificates, awaitShownCertificates } from "../commands/await-certificates.ts";
import { DockerEngine } from "../engine/docker-engine.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import { AcmeAuthority, hasPebble } from "../test/kit/acme-authority.ts";
import { bridgeAddress, docker } from "../test/kit/engine.ts";
import { Lab } from "../test/kit/lab.ts";
import { certificateAgentProgram } from "../toolchain/certificate-agent.ts";
import { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { openTls } from "../verify/probes/tls.ts";
import { memory } from "./docker-run.ts";
import { type Figure, median, seconds, time } from "./figure.ts";

/** Added one after another. */
const domains = ["d0.example", "d1.example", "d2.example", "d3.example"];
/** An order that has just ended has used memory, which the agent gives back. */
const idleMs = 20_000;

/** Against Pebble; nothing where that or the agent could not be built. */
export async function measureCertificates(): Promise<Figure[]> {
  const report = new Report();
  if (!hasPebble || !existsSync(certificateAgentProgram())) {
    report.note("Certificates by ACME are not measured: Pebble or the certificate agent could not be built.");
    return [];
  }
  const lab = await Lab.create(settings(domains.slice(0, 1), {}));
  const address = await bridgeAddress();
  const authority = await AcmeAuthority.start({ address, names: [address], resolver: `${lab.address}:53` });
  try {
    const { directory, root: roots } = authority;
    const acme = { acme: { directory, agreeToTerms: true, roots }, authority: await authority.issuingRoot() };
    let running: RunningStack | undefined;
    const ups: number[] = [];
    const waits: number[] = [];
    for (const [index, name] of domains.entries()) {
      await lab.configure(settings(domains.slice(0, index + 1), acme));
      const started = performance.now();
      const up = await time(() => lab.up());
      const now = await lab.outputs();
      running = now;
      const fault = await faultOf(() => untilServed(now));
      if (fault !== undefined) {
        // The agent pauses after it, for minutes that say nothing of a machine that has time for its questions.
        report.note(`An order has failed, and is not counted: ${fault}`);
        break;
      }
      await expectServed(now, name);
      // The first one comes with the whole stack.
      if (index === 0) continue;
      ups.push(up);
      waits.push(performance.now() - started);
    }
    const agent = String(running?.containers.certificateAgent);
    await sleep(idleMs);
    return [
      ...servedAfter(waits, ups),
      {
        name: "idle memory of the certificate agent",
        value: await residentMiB(agent),
        unit: "MiB",
        limit: 15,
        detail: `its process alone, ${idleMs / 1000} s after an order; the container: ${(await memory(agent)).toFixed(0)} MiB`,
      },
    ];
  } finally {
    await authority[Symbol.asyncDispose]();
    await lab.takeDown();
  }
}

function servedAfter(waits: readonly number[], ups: readonly number[]): Figure[] {
  if (waits.length === 0) return [];
  const each = waits.map((wait) => seconds(wait, 1)).join(", ");
  return [
    {
      name: "up that adds a domain, until its certificates are served",
      value: median(waits) / 1000,
      unit: "s",
      detail: `${each}; \`up\` alone ${seconds(median(ups), 1)}; medians of ${waits.length}, against Pebble on this machine`,
    },
  ];
}

/** What an authority has against an order, which on a machine that is very busy is that nobody answered in time. */
async function faultOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ToolchainError) return error.message;
    throw error;
  }
}

function settings(names: readonly string[], certificates: object): Record<string, unknown> {
  const mailboxes = [{ name: "ana", password: "123456" }];
  return {
    lab: true,
    domains: names.map((name) => ({ name, mailboxes })),
    ...(Object.keys(certificates).length === 0 ? {} : { certificates }),
  };
}

async function untilServed(running: RunningStack): Promise<void> {
  const engine = new DockerEngine(undefined);
  await awaitCertificates(engine, running, new Report());
  await awaitShownCertificates(engine, running, new Report());
}

/** @throws Error where a client that trusts the authority alone, and looks at the name, is shown anything else. */
async function expectServed({ endpoint, caCertificate }: RunningStack, domain: string): Promise<void> {
  const { address: host, ports } = endpoint;
  for (const [port, label] of [
    [ports.imaps, "imap"],
    [ports.https, "mta-sts"],
  ] as const) {
    if (port === undefined) throw new Error(`the stack has no port for ${label}.${domain}`);
    const serverName = `${label}.${domain}`;
    (await openTls({ host, port, serverName, security: "implicit", caCertificate })).destroy();
  }
}

/** What the agent's own process has in memory, MiB; its container has a supervisor and a watcher beside it. */
async function residentMiB(container: string): Promise<number> {
  const text = await docker("exec", container, "sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null; true");
  return parseResident(text, "certificate-agent");
}

/**
 * @internal
 * @param text - `/proc/PID/status` of several processes (proc_pid_status(5))
 * @throws Error where none, or more than one, is of that program.
 */
export function parseResident(text: string, program: string): number {
  // The kernel keeps fifteen characters of a name.
  const name = program.slice(0, 15);
  const found = text.split(/^(?=Name:)/m).filter((status) => status.startsWith(`Name:\t${name}\n`));
  const kibibytes = found.map((status) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]));
  const [value] = kibibytes;
  if (value === undefined || kibibytes.length > 1 || Number.isNaN(value)) {
    throw new Error(`${kibibytes.length} processes are ${program}`);
  }
  return value / 1024;
}
