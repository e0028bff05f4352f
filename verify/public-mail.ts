import type { Finding } from "./check.ts";
import { type NameResolver, query } from "./probes/dns.ts";
import { findAddresses, followTarget, type Target, type TargetRule } from "./public-target.ts";

/** How mail reaches a domain, as the DNS says it. */
export interface MailRoute {
  /** The hosts that it may be delivered to, the preferred one first, each once. */
  readonly exchanges: readonly Target[];
  /** What people are shown where nothing is wrong. */
  readonly seen: string;
  readonly findings: readonly Finding[];
  /** Why nothing of this could be found out. */
  readonly failure?: unknown;
}

const mxRule: TargetRule = { type: "MX", rule: "RFC 5321 section 5.1, RFC 2181 section 10.3" };

export async function findMailRoute(domain: string, resolver: NameResolver): Promise<MailRoute> {
  try {
    const { records, exists } = await query(resolver, domain, "MX");
    const contents = records.map(({ content }) => content);
    if (contents.length > 0) return await followExchanges(domain, contents, resolver);
    if (!exists) return nowhere(`${domain} does not exist`, "Check its spelling, and that it is registered.");
    return await implicitRoute(domain, resolver);
  } catch (failure) {
    return { exchanges: [], seen: "", findings: [], failure };
  }
}

async function followExchanges(
  domain: string,
  contents: readonly string[],
  resolver: NameResolver,
): Promise<MailRoute> {
  const records = contents.map(splitMx).toSorted((a, b) => a.preference - b.preference);
  const none = records.filter(({ exchange }) => exchange === ".");
  const named = [
    ...new Set(records.filter(({ exchange }) => exchange !== ".").map(({ exchange }) => exchange)),
  ];
  const targets = await Promise.all(named.map((exchange) => followTarget(exchange, mxRule, resolver)));
  const findings = [
    ...nullFindings(domain, records, none.length),
    ...targets.flatMap((target) => target.findings),
  ];
  const exchanges = [...new Map(targets.map((target) => [target.host, target])).values()];
  const hosts = exchanges.map(({ host }) => host).join(", ");
  return {
    exchanges,
    seen: named.length === 0 ? "accepts no mail (null MX, RFC 7505)" : hosts,
    findings,
  };
}

/** The content of a record that a name server has given: its target is judged apart. */
function splitMx(content: string): { preference: number; exchange: string } {
  const [preference, exchange = ""] = content.split(/ (.*)/s);
  return { preference: Number(preference), exchange: exchange === "" ? "." : exchange };
}

function nullFindings(
  domain: string,
  records: readonly ReturnType<typeof splitMx>[],
  count: number,
): Finding[] {
  if (count === 0) return [];
  if (count < records.length) {
    const others = records.filter(({ exchange }) => exchange !== ".").map(({ exchange }) => exchange);
    return [
      {
        seen: `${domain} accepts no mail by one MX (".") and some by another (${others.join(", ")})`,
        remedy:
          "Remove the null MX if the domain has mail, and all others if it has none (RFC 7505 section 3).",
      },
    ];
  }
  const [{ preference }] = records as [ReturnType<typeof splitMx>];
  if (count === 1 && preference === 0) return [];
  return [
    {
      seen: `a null MX that is not the one record "0 ."`,
      remedy: `Publish the one MX record "0 ." at ${domain} (RFC 7505 section 3).`,
    },
  ];
}

/** Without an MX, the domain's own address is where its mail goes (RFC 5321 section 5.1). */
async function implicitRoute(domain: string, resolver: NameResolver): Promise<MailRoute> {
  const { addresses, findings } = await findAddresses(domain, resolver);
  if (addresses.length === 0 && findings.length === 0)
    return nowhere(
      "none, and no address, so that nobody can deliver",
      `Publish an MX record with the mail server's name, or the null MX "0 ." if ${domain} has no mail (RFC 7505).`,
    );
  return {
    exchanges: addresses.length === 0 ? [] : [{ host: domain, addresses, findings: [] }],
    seen: `none, so that mail goes to the address of ${domain} itself (implicit MX, RFC 5321 section 5.1)`,
    findings,
  };
}

function nowhere(seen: string, remedy: string): MailRoute {
  return { exchanges: [], seen: "", findings: [{ seen, remedy }] };
}
