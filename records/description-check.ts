import type {
  DkimSelector,
  DomainDescription,
  RecordDescription,
  ServerDescription,
  ZoneDescription,
} from "./description.ts";
import { parseDkim } from "./dkim.ts";
import { cut, normalizeAddress } from "./mail-address.ts";
import { policyNames } from "./mta-sts.ts";
import { nameProblem, normalizeName } from "./name.ts";
import type { ProblemList } from "./problem.ts";
import type { ZoneFinder } from "./zone-finder.ts";

/** What single values cannot show: how they fit together. */
export function checkDescription<Content>(
  { zones, servers, domains, parkedDomains }: RecordDescription<Content>,
  finder: ZoneFinder<ZoneDescription<Content>>,
  problems: ProblemList,
): void {
  checkNames(
    zones.map(({ name }) => name),
    "name",
    problems,
  );
  checkNames(servers.flatMap(hostNamesOf), "hostName", problems);
  checkNames(
    [...domains, ...parkedDomains].map(({ domain }) => domain),
    "domain",
    problems,
  );
  const parked = new Set(parkedDomains.map(({ domain }) => domain));
  for (const server of servers) checkServer(server, finder, problems);
  for (const domain of domains) checkDomain(domain, parked, problems);
  for (const { domain, ttl, reportAddresses } of parkedDomains) {
    checkTtl(domain, ttl, problems);
    checkReportAddresses(domain, reportAddresses, parked, problems);
  }
}

function checkNames(names: readonly string[], part: string, problems: ProblemList): void {
  const seen = new Set<string>();
  for (const name of names) {
    const problem = nameProblem(name);
    if (problem !== undefined) problems.report(name, part, problem);
    else if (normalizeName(name) !== name) {
      problems.report(name, part, `is not in its one spelling: write ${normalizeName(name)}`);
    }
    if (seen.has(name)) problems.report(name, part, "is described twice: remove one of the two");
    seen.add(name);
  }
}

/** The name of a server, and those that it had before. */
export function hostNamesOf({ hostName, formerHostNames = [] }: ServerDescription<unknown>): string[] {
  return [hostName, ...formerHostNames];
}

function checkServer<Content>(
  { hostName, ttl, keys }: ServerDescription<Content>,
  finder: ZoneFinder<ZoneDescription<Content>>,
  problems: ProblemList,
): void {
  checkTtl(hostName, ttl, problems);
  const zone = finder.find(hostName);
  // Others ignore it there, while people rely on it (RFC 7672 section 2.2).
  if (keys !== undefined && zone?.signed === false) {
    problems.report(
      hostName,
      "keys",
      `DANE needs DNSSEC: sign the zone ${zone.name}, or publish no keys (RFC 7672 section 2.2)`,
    );
  }
}

function checkDomain<Content>(
  description: DomainDescription<Content>,
  parked: ReadonlySet<string>,
  problems: ProblemList,
): void {
  const { domain, exchanges, dkim, dmarc } = description;
  checkTtl(domain, description.ttl, problems);
  if (exchanges.length === 0) {
    problems.report(domain, "exchanges", "names no server: write one, or park the domain");
  }
  checkOnce(
    domain,
    "exchanges",
    exchanges.map(({ host }) => host),
    "exchanger",
    problems,
  );
  checkOnce(
    domain,
    "dkim",
    dkim.map(({ selector }) => selector),
    "selector",
    problems,
  );
  if (dmarc.policy === "reject" && !hasSigningKey(description)) {
    problems.report(
      domain,
      "dmarc",
      "p=reject needs a DKIM key: without one, forwarded mail would be lost (RFC 9989 section 7.4)",
    );
  }
  checkReportAddresses(domain, dmarc.reportAddresses, parked, problems);
  checkPolicy(description, problems);
}

function checkPolicy<Content>(
  { domain, exchanges, web }: DomainDescription<Content>,
  problems: ProblemList,
): void {
  const policy = web?.mtaSts?.policy;
  if (policy === undefined || policy.mode === "none") return;
  for (const { host } of exchanges) {
    if (policyNames(policy, host)) continue;
    problems.report(
      domain,
      "web.mtaSts",
      `the policy does not name the MX ${host}: others would not deliver to it (RFC 8461 section 4.1)`,
    );
  }
}

/** A key that a third party holds behind an alias counts; a revoked one does not. */
function hasSigningKey<Content>({ dkim, delegations = [] }: DomainDescription<Content>): boolean {
  return dkim.some(isInUse) || delegations.some(({ label }) => label.toLowerCase().endsWith("._domainkey"));
}

function isInUse<Content>({ content, signs = true }: DkimSelector<Content>): boolean {
  if (!signs) return false;
  if (typeof content !== "string") return true;
  try {
    return parseDkim(content).publicKey !== "";
  } catch {
    return false;
  }
}

function checkReportAddresses(
  domain: string,
  addresses: readonly string[] | undefined,
  parked: ReadonlySet<string>,
  problems: ProblemList,
): void {
  for (const address of addresses ?? []) {
    const receiver = cut(normalizeAddress(address))?.domain;
    if (receiver !== undefined && parked.has(receiver)) {
      problems.report(
        domain,
        "dmarc",
        `${address} is in a parked domain, which takes no mail: write another`,
      );
    }
  }
}

function checkTtl(subject: string, ttl: number, problems: ProblemList): void {
  if (Number.isInteger(ttl) && ttl >= 0 && ttl <= 2_147_483_647) return;
  problems.report(subject, "ttl", `${ttl} is not between 0 and 2147483647 seconds (RFC 2181 section 8)`);
}

function checkOnce(
  subject: string,
  part: string,
  values: readonly string[],
  what: string,
  problems: ProblemList,
): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) {
      problems.report(subject, part, `the ${what} "${value}" is used twice: remove one of the two`);
    }
    seen.add(value);
  }
}
