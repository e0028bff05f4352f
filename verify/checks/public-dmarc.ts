import {
  appliedDmarc,
  type DmarcWalk,
  domainOf,
  type FoundDmarc,
  isDmarc,
  organizationalDomain,
  reportAuthorizationRecord,
  reportReceivers,
  walkDmarc,
} from "../../records/index.ts";
import { findingOf } from "../cause.ts";
import { type Finding, judged, type Outcome, ok } from "../check.ts";
import { type NameResolver, textsAt } from "../probes/dns.ts";
import { several, theOne } from "./the-one.ts";

const rule = "RFC 9989 section 4.7";
const lookups = (resolver: NameResolver) => (name: string) => textsAt(resolver, name);

/** The policy that receivers apply: the domain's own, or that of its organizational domain. */
export async function judgeDmarc(domain: string, resolver: NameResolver): Promise<Outcome> {
  const walk = await walkDmarc(domain, lookups(resolver));
  // What is wrong at the domain itself is not hidden by a policy above it.
  const own = walk.several.find((found) => found.domain === domain);
  if (own !== undefined) throw several(`_dmarc.${domain}`, own.texts, "DMARC", rule);
  if (walk.failure?.domain === domain) throw walk.failure.error;
  const applied = knownDmarc(walk);
  if (applied === undefined || applied.domain !== domain) {
    theOne(`_dmarc.${domain}`, await textsAt(resolver, `_dmarc.${domain}`), {
      isOne: isDmarc,
      meant: /dmarc ?1|^\s*v\s*=\s*dmarc/i,
      standard: "DMARC",
      rule,
      start: "v=DMARC1",
    });
  }
  if (applied === undefined) return judged([...aboveFindings(walk), noPolicy(walk)], "");
  const { dmarc, statesPolicy, failureReports } = applied.reading;
  const problems = [...applied.reading.problems, ...failureReports.problems];
  const where = `_dmarc.${applied.domain}`;
  const findings = problems.map((problem) => findingOf(problem, where));
  if (!statesPolicy && (dmarc.reportAddresses ?? []).length === 0 && problems.length === 0)
    findings.push({
      seen: "neither a policy (p=) nor an address for reports, so that it counts for nothing",
      remedy: `At ${where}: add p=none, p=quarantine or p=reject (RFC 9989 section 4.10.1).`,
    });
  const text = findings.length === 0 ? applied.text : "";
  return judged(findings, applied.domain === domain ? text : `${text}, from ${where}`);
}

/** Whether a policy above a domain applies to it is unknown where a name above it has no answer. */
function knownDmarc(walk: DmarcWalk): FoundDmarc | undefined {
  return walk.failure !== undefined && walk.found[0]?.domain !== walk.start ? undefined : appliedDmarc(walk);
}

function noPolicy({ start, failure }: DmarcWalk): Finding {
  const above =
    failure === undefined ? "" : ` of its own, and one above is unknown: ${findingOf(failure.error).seen}`;
  return {
    seen: `no policy${above}`,
    remedy: `Publish one, first v=DMARC1; p=none; rua=mailto:… at _dmarc.${start}.`,
  };
}

function aboveFindings({ several: names }: DmarcWalk): Finding[] {
  return names.map(({ domain, texts }) => several(`_dmarc.${domain}`, texts, "DMARC", rule));
}

/** Whether the reports arrive where the policy asks for them. */
export async function judgeReceivers(domain: string, resolver: NameResolver): Promise<Outcome> {
  const walk = await walkDmarc(domain, lookups(resolver));
  if (walk.failure?.domain === domain) throw walk.failure.error;
  const applied = knownDmarc(walk);
  if (applied === undefined) return ok("no reports are requested");
  const { dmarc, failureReports } = applied.reading;
  const reportAddresses = [...(dmarc.reportAddresses ?? []), ...failureReports.addresses];
  const findings = await Promise.all(
    reportReceivers({ reportAddresses }, (receiver) => receiver === applied.domain).map((receiver) =>
      authorizationFinding(applied.domain, receiver, resolver),
    ),
  );
  const domains = new Set(reportAddresses.map(domainOf));
  const seen = domains.size === 0 ? "no reports are requested" : `to ${[...domains].join(", ")}`;
  return judged(
    findings.flatMap((finding) => finding ?? []),
    seen,
  );
}

/**
 * Why others send no reports about `domain` to `receiver` (RFC 9990 section 4).
 *
 * @param domain - where the policy was found.
 */
export async function authorizationFinding(
  domain: string,
  receiver: string,
  resolver: NameResolver,
): Promise<Finding | undefined> {
  const { name, content } = reportAuthorizationRecord(domain, receiver, 3600);
  const texts = await textsAt(resolver, name).catch((error: unknown) => findingOf(error));
  if (Array.isArray(texts) && texts.some(isDmarc)) return undefined;
  const organizations = await Promise.allSettled(
    [domain, receiver].map(async (start) => organizationalDomain(await walkDmarc(start, lookups(resolver)))),
  );
  const [own, other] = organizations;
  if (own?.status === "fulfilled" && other?.status === "fulfilled" && own.value === other.value)
    return undefined;
  if (!Array.isArray(texts)) return texts as Finding;
  const unknown = organizations.find(({ status }) => status === "rejected") as
    | PromiseRejectedResult
    | undefined;
  return {
    seen: `${receiver} has not authorized them${
      unknown === undefined
        ? ""
        : `, and whether it is of the same organization is unknown: ${findingOf(unknown.reason).seen}`
    }`,
    remedy: `Have ${receiver} publish the TXT record \`${content}\` at ${name}.`,
  };
}
