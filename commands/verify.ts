import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { formatMoment } from "../naming/moment.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import { cut, formatAddress, nameProblem, normalizeName } from "../records/index.ts";
import { print, printExactly } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import { stateSteps } from "../toolchain/steps.ts";
import type { Result } from "../verify/check.ts";
import type { Correspondent } from "../verify/journey.ts";
import { toJUnit } from "../verify/junit.ts";
import { resolverAt } from "../verify/probes/dns.ts";
import { exitStatus, formatChanges, formatReport, summary, toJson } from "../verify/report.ts";
import type { RunOptions } from "../verify/run.ts";
import { verify, verifyDomain } from "../verify/verify.ts";
import {
  allOption,
  type Call,
  type Command,
  jsonOption,
  stackOption,
  textOf,
  UsageError,
} from "./command.ts";
import { noteOwnConnections } from "./own-connections.ts";
import { namedResolver, resolverOption } from "./resolver-option.ts";
import { runningStackOf } from "./running-stack.ts";

type Run = (options: RunOptions) => Promise<Result[]>;

/** Exit status 0: all well, 1: something is broken, 2: not everything could be checked. */
export const command: Command = {
  usage:
    "[--stack NAME | --domain DOMAIN [--user ADDRESS]] [--resolver ADDRESS] [--all] [--json] [--junit FILE] [--watch SECONDS]",
  options: {
    ...stackOption,
    ...jsonOption,
    domain: {
      type: "string",
      value: "DOMAIN",
      description: "check this domain by its name, whoever runs it",
    },
    user: {
      type: "string",
      value: "ADDRESS",
      description: "with --domain: also log in and send to oneself; password in MAILDOMAIN_PASSWORD",
    },
    ...resolverOption,
    ...allOption,
    junit: { type: "string", value: "FILE", description: "also write the result as JUnit XML" },
    watch: {
      type: "string",
      value: "SECONDS",
      description: "check again and again, this long apart, and show what changes, until Ctrl-C",
    },
  },
  setUp: (call) => (call.values.domain === undefined ? stateSteps : []),

  async run(call) {
    const interval = watchInterval(call);
    const run = await runOf(call);
    if (run === undefined) return 2;
    const results = await runOnce(run, call.report);
    printResults(call, results);
    return interval === undefined ? exitStatus(results) : await watch(call, run, results, interval);
  },
};

/** What to check, or nothing if that cannot even be determined. */
async function runOf(call: Call): Promise<Run | undefined> {
  const { domain, user } = call.values;
  const resolver = namedResolver(call);
  if (typeof domain !== "string") {
    if (user !== undefined) throw new UsageError("--user needs --domain: a stack's users are known.");
    const stack = textOf(call, "stack");
    const running = await runningStackOf(stack, call.report);
    if (running !== undefined) noteOwnConnections(stack, running);
    return running && ((options) => verify(running, { ...options, resolver }));
  }
  const problem = nameProblem(domain);
  if (problem !== undefined) throw new UsageError(`--domain ${domain} ${problem}.`);
  const correspondent = typeof user === "string" ? userOption(user) : undefined;
  return (options) =>
    verifyDomain(normalizeName(domain), resolver ?? resolverAt(), { ...options, user: correspondent });
}

/** @internal A password among a command's words would be in every list of processes. */
export function userOption(address: string): Correspondent {
  const password = process.env.MAILDOMAIN_PASSWORD;
  const parts = cut(address);
  if (parts === undefined)
    throw new UsageError(`--user ${address} is not an address: use the whole address.`);
  const problem = nameProblem(parts.domain);
  if (problem !== undefined) throw new UsageError(`--user ${address}: "${parts.domain}" ${problem}.`);
  if (!password) throw new UsageError("--user needs the password in the variable MAILDOMAIN_PASSWORD.");
  // Whoever made the domain decides whether case matters before the @ (RFC 5321 section 2.4).
  return { address: formatAddress({ ...parts, domain: normalizeName(parts.domain) }), password };
}

function watchInterval(call: Call): number | undefined {
  const { watch: seconds } = call.values;
  if (seconds === undefined) return undefined;
  if (call.values.json === true) throw new UsageError("--watch prints for people: leave out --json.");
  if (!/^[1-9]\d{0,4}$/.test(String(seconds)))
    throw new UsageError("--watch needs the seconds between two runs, 1 to 99999.");
  return Number(seconds) * 1000;
}

function printResults(call: Call, results: readonly Result[]): void {
  const { json, junit } = call.values;
  if (typeof junit === "string") writeFileSync(junit, toJUnit(results));
  if (json === true) print(`${JSON.stringify(toJson(results), undefined, 2)}\n`);
  else printReport(results, call);
}

function printReport(results: readonly Result[], { values }: Pick<Call, "values">): void {
  const { isTTY, columns } = process.stdout;
  printExactly(
    formatReport(results, { colour: isTTY, columns: isTTY ? columns : undefined, all: values.all === true }),
  );
}

/** Ends with the status of the last run. */
async function watch(call: Call, run: Run, first: Result[], intervalMs: number): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  let last = first;
  while (!stop.signal.aborted) {
    await sleep(intervalMs, undefined, { signal: stop.signal }).catch(() => {});
    if (stop.signal.aborted) break;
    const results = await run({});
    const { junit } = call.values;
    if (typeof junit === "string") writeFileSync(junit, toJUnit(results));
    const changes = formatChanges(last, results, { colour: process.stdout.isTTY });
    if (changes !== "") printExactly(`\n${formatMoment(new Date())} ${summary(results)}\n${changes}`);
    last = results;
  }
  return exitStatus(last);
}

export async function runOnce(run: Run, report: Report): Promise<Result[]> {
  return report.during("checking the running domain", (detail) =>
    run({
      onProgress: ({ done, total, running: [longest] }) =>
        detail(`${done} of ${total} checks${longest === undefined ? "" : `, waiting for: ${longest}`}`),
    }),
  );
}

/**
 * Checks a running domain for people.
 *
 * @returns the exit status
 */
export async function verifyForPeople(running: RunningStack, call: Call): Promise<number> {
  const results = await runOnce((options) => verify(running, options), call.report);
  printReport(results, call);
  return exitStatus(results);
}
