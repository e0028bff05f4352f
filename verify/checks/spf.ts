import { type SPFResult, spf } from "mailauth";
import { postmasterOf } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { mailauthResolver, type NameResolver } from "../probes/dns.ts";

/** Receivers stop there (RFC 7208 section 4.6.4). */
const maxLookups = 10;

/** Addresses that are nobody's (RFC 5737, RFC 3849): a policy that lets them send lets everybody. */
const strangers = ["198.51.100.1", "2001:db8:ffff::1"];

export interface Sender {
  readonly domain: string;
  /** The name by which the server greets. */
  readonly hostName: string;
  /** Where the domain's mail comes from. */
  readonly addresses: readonly string[];
}

/**
 * A domain's SPF policy as receivers evaluate it, for each sending address and for strangers.
 *
 * @returns the check of strangers alone where no sending address is known.
 */
export function spfChecks(sender: Sender, resolver: NameResolver): Check[] {
  const { domain, addresses } = sender;
  const common = {
    group: `Mail of ${domain}`,
    remedy: "Check that the DNS server answers: `docker ps`, `docker logs`.",
  };
  const own: Check[] = [
    {
      ...common,
      id: `spf.${domain}`,
      title: `SPF lets ${addresses.join(" and ")} send`,
      why: "Receivers refuse or hide mail from an address that the policy does not name (RFC 7208 section 8.4).",
      run: async () => {
        const results = await Promise.all(addresses.map((ip) => evaluate(sender, ip, resolver)));
        return judgeOwn(domain, addresses, results);
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
        const results = await Promise.all(strangers.map((ip) => evaluate(sender, ip, resolver)));
        return judgeStrangers(domain, results);
      },
    },
  ];
}

async function evaluate(
  { domain, hostName }: Sender,
  ip: string,
  resolver: NameResolver,
): Promise<SPFResult> {
  return spf({
    sender: postmasterOf(domain),
    ip,
    helo: hostName,
    mta: hostName,
    resolver: mailauthResolver(resolver),
    // Beyond the limit, so that the report can say by how much.
    maxResolveCount: 100,
  });
}

function judgeOwn(domain: string, addresses: readonly string[], results: readonly SPFResult[]) {
  const lookups = Math.max(...results.map((result) => result.lookups?.count ?? 0));
  const refused = results.findIndex(({ status }) => status.result !== "pass");
  if (refused !== -1) {
    return failed(
      `${addresses[refused]} gets ${results[refused]?.status.result}`,
      `Name the address in the SPF record of ${domain}.`,
    );
  }
  return ok(`pass, ${lookups} of ${maxLookups} look-ups`);
}

/** A stranger's address matches nothing, so that the whole policy is evaluated, with all look-ups that it costs. */
function judgeStrangers(domain: string, results: readonly SPFResult[]) {
  const verdicts = results.map(({ status }) => status.result);
  const lookups = Math.max(...results.map((result) => result.lookups?.count ?? 0));
  const wrong = verdicts.find((verdict) => verdict !== "fail" && verdict !== "softfail");
  if (wrong === "none")
    return failed("there is no policy", `Publish one at ${domain}, such as v=spf1 mx -all.`);
  if (wrong !== undefined) {
    return failed(
      `an unrelated address gets ${wrong}`,
      `End the policy of ${domain} with -all, or with ~all while trying.`,
    );
  }
  if (lookups > maxLookups) {
    return failed(
      `${lookups} look-ups; receivers stop at ${maxLookups}`,
      "Leave out an include, or write the addresses themselves (RFC 7208 section 4.6.4).",
    );
  }
  return ok(`${verdicts[0]}, ${lookups} of ${maxLookups} look-ups`);
}
