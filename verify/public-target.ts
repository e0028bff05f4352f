import { isIP } from "node:net";
import { comparableName, nameProblem } from "../records/index.ts";
import { findingOf } from "./cause.ts";
import type { Finding } from "./check.ts";
import { ask, type NameResolver, query } from "./probes/dns.ts";

/** Where a record of somebody's leads, and what is wrong with that. */
export interface Target {
  /** Lower case, without a final dot. */
  readonly host: string;
  /** Empty where it has none, or where none could be found out. */
  readonly addresses: readonly string[];
  readonly findings: readonly Finding[];
}

/** The kind of record that names a host, and the rule that the host has an address of its own. */
export interface TargetRule {
  readonly type: "MX" | "SRV";
  readonly rule: string;
}

/** Follows a record to its host; what cannot be looked up is a finding as well. */
export async function followTarget(
  target: string,
  { type, rule }: TargetRule,
  resolver: NameResolver,
): Promise<Target> {
  const problem = hostProblem(target);
  if (problem !== undefined) {
    const [wrong, advice = "write a host name"] = problem.split(/: (.*)/s);
    const seen = `the ${type} names "${target}", which ${wrong}`;
    return {
      host: target,
      addresses: [],
      findings: [{ seen, remedy: `In the ${type}, ${advice} (${rule}).` }],
    };
  }
  const host = comparableName(target);
  const [alias, found] = await Promise.all([
    aliasOf(host, { type, rule }, resolver),
    findAddresses(host, resolver),
  ]);
  const findings = [...alias, ...found.findings];
  if (found.addresses.length > 0 || findings.length > 0) return { ...found, host, findings };
  const remedy = `Publish the A or AAAA record of ${host}, or name another host in the ${type}.`;
  const seen = found.exists ? `${host} has no address` : `${host} does not exist`;
  return { host, addresses: [], findings: [{ seen, remedy }] };
}

/** Not what a name may look like in the DNS, but what a host may be called (RFC 1123 section 2.1). */
function hostProblem(target: string): string | undefined {
  if (isIP(target) !== 0) return "is an IP address: write the name of a host that has this address";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a label may hold any byte.
  if (/[^\x00-\x7f]/.test(target)) return "is not ASCII: write the A-label (xn--…)";
  return nameProblem(target);
}

async function aliasOf(host: string, { type, rule }: TargetRule, resolver: NameResolver): Promise<Finding[]> {
  try {
    const [alias] = (await ask(resolver, host, "CNAME")) ?? [];
    if (alias === undefined) return [];
    return [
      { seen: `${host} is an alias of ${alias}`, remedy: `Name the host itself in the ${type} (${rule}).` },
    ];
  } catch (error) {
    return [findingOf(error)];
  }
}

/** A host's addresses, IPv4 first, and why one kind of them is unknown. */
export async function findAddresses(
  host: string,
  resolver: NameResolver,
): Promise<{ addresses: string[]; findings: Finding[]; exists: boolean }> {
  const answers = await Promise.allSettled(["A", "AAAA"].map((type) => query(resolver, host, type)));
  return {
    addresses: answers.flatMap((answer) =>
      answer.status === "fulfilled" ? answer.value.records.map(({ content }) => content) : [],
    ),
    findings: answers.flatMap((answer) => (answer.status === "rejected" ? [findingOf(answer.reason)] : [])),
    exists: answers.some((answer) => answer.status === "fulfilled" && answer.value.exists),
  };
}
