import { isWithin, parseSpf } from "../../records/index.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import type { NameResolver } from "../probes/dns.ts";
import { evaluateSpf, maxLookups, policyAt, type SpfEvaluation } from "../probes/spf.ts";
import { spfCause } from "./spf-cause.ts";

/** Addresses that are nobody's (RFC 5737, RFC 3849): a policy that lets them send lets everybody. */
const strangers = ["198.51.100.1", "2001:db8:ffff::1"];

export interface Sender {
  readonly domain: string;
  /** The name by which the server greets. */
  readonly hostName: string;
  /** Where the domain's mail comes from. */
  readonly addresses: readonly string[];
  /** Where nobody outside is asked, as in a lab: the zones that answer. @default everybody is asked */
  readonly knownZones?: readonly string[] | undefined;
}

/**
 * A domain's SPF policy as receivers evaluate it, for each sending address and for strangers.
 *
 * @returns the check of strangers alone where no sending address is known.
 */
export function spfChecks(sender: Sender, resolver: NameResolver): Check[] {
  const { domain, addresses, knownZones } = sender;
  const common = { group: `Mail of ${domain}` };
  const evaluate = (ip: string) => evaluateSpf({ domain, hostName: sender.hostName, ip }, resolver);
  const own: Check[] = [
    {
      ...common,
      id: `spf.${domain}`,
      title: `SPF lets ${addresses.join(" and ")} send`,
      why: "Receivers refuse or hide mail from an address that the policy does not name (RFC 7208 section 8.4).",
      run: async () => {
        const results = await Promise.all(addresses.map(evaluate));
        return unaskedIn(results, knownZones) ?? judgeOwn(domain, addresses, results);
      },
    },
  ];
  return [
    ...(addresses.length === 0 ? [] : own),
    {
      ...common,
      id: `spf.strangers.${domain}`,
      title: "SPF lets nobody else send",
      why: "A policy that strangers pass makes forgeries look genuine (RFC 7208 section 11.1).",
      run: async () => {
        const results = await Promise.all(strangers.map(evaluate));
        return unaskedIn(results, knownZones) ?? judgeStrangers(domain, results);
      },
    },
  ];
}

/** What the policy names of others cannot be judged where they are not asked, whatever it says beside. */
function unaskedIn(
  results: readonly SpfEvaluation[],
  knownZones: readonly string[] | undefined,
): Outcome | undefined {
  if (knownZones === undefined) return undefined;
  const failures = results.flatMap((result) => result.failures);
  const names = new Set(failures.map(({ name }) => name));
  const isOutside = (name: string) => !knownZones.some((zone) => isWithin(name, zone));
  if (names.size === 0 || ![...names].every(isOutside)) return undefined;
  return ok(`not checked: ${[...names].join(", ")} cannot be asked from within`);
}

function judgeOwn(domain: string, addresses: readonly string[], results: readonly SpfEvaluation[]) {
  const refused = results.findIndex(({ verdict }) => verdict !== "pass");
  const result = results[refused];
  if (result !== undefined) {
    const cause = spfCause(domain, result);
    return failed(
      `${addresses[refused]} gets ${cause?.seen ?? result.verdict}`,
      cause?.remedy ?? `Name the address in the SPF record of ${domain}.`,
    );
  }
  return ok(`pass, ${lookupsOf(results)} of ${maxLookups} look-ups`);
}

/** A stranger's address matches nothing, so that the whole policy is evaluated, with all look-ups that it costs. */
function judgeStrangers(domain: string, results: readonly SpfEvaluation[]) {
  for (const result of results) {
    const { verdict } = result;
    const cause = spfCause(domain, result);
    if (cause !== undefined) return failed(cause.seen, cause.remedy);
    if (verdict !== "fail" && verdict !== "softfail")
      return failed(`an unrelated address gets ${verdict}`, endingAdvice(domain, result));
  }
  return ok(`${results[0]?.verdict}, ${lookupsOf(results)} of ${maxLookups} look-ups`);
}

function lookupsOf(results: readonly SpfEvaluation[]): number {
  return Math.max(...results.map(({ lookups }) => lookups));
}

/** Where the policy ends as it should, or leaves its end to another, the fault is elsewhere. */
function endingAdvice(domain: string, evaluation: SpfEvaluation): string {
  const { mechanisms, redirect } = parseSpf(policyAt(evaluation, domain) ?? "v=spf1");
  const end = mechanisms.find(({ name }) => name === "all")?.qualifier;
  if (end === "fail" || end === "softfail")
    return `Remove the term that lets everybody send, such as ip4:0.0.0.0/0, exists: or an include of a policy with +all; the policy of ${domain} itself ends as it should.`;
  const where = end === undefined && redirect !== undefined ? redirect : domain;
  return `End the policy of ${where} with -all, or with ~all while trying.`;
}
