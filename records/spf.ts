import type { DnsRecord } from "./record.ts";

export const spfQualifiers = { pass: "+", fail: "-", softfail: "~", neutral: "?" } as const;
export type SpfQualifier = keyof typeof spfQualifiers;

/**
 * A mechanism (RFC 7208 section 5) without its qualifier.
 *
 * @example `mx`, `ip4:192.0.2.0/24`, `include:_spf.example.net`
 */
export interface SpfMechanism {
  readonly qualifier: SpfQualifier;
  readonly name: "a" | "mx" | "ip4" | "ip6" | "include" | "exists" | "ptr" | "all";
  /** What follows the name: `:domain`, `:address`, `/prefix`; empty for a bare mechanism. */
  readonly argument: string;
}

/**
 * A sender policy (RFC 7208).
 *
 * @example `v=spf1 mx -all`
 */
export interface Spf {
  readonly mechanisms: readonly SpfMechanism[];
  /** Domain whose policy is used instead (section 6.1); makes sense only without `all`. */
  readonly redirect?: string | undefined;
}

/** Mechanisms and modifiers that cost the receiver a DNS query; it stops at ten (section 4.6.4). */
const lookupMechanisms = new Set(["a", "mx", "include", "exists", "ptr"]);

export function spfLookups(spf: Spf): number {
  const mechanisms = spf.mechanisms.filter(({ name }) => lookupMechanisms.has(name)).length;
  return mechanisms + (spf.redirect === undefined ? 0 : 1);
}

export function formatSpf(spf: Spf): string {
  if (spfLookups(spf) > 10) {
    throw new Error(`SPF needs ${spfLookups(spf)} look-ups; receivers stop at 10 (RFC 7208 section 4.6.4)`);
  }
  const terms = spf.mechanisms.map(({ qualifier, name, argument }) => {
    const sign = qualifier === "pass" ? "" : spfQualifiers[qualifier];
    return `${sign}${name}${argument}`;
  });
  if (spf.redirect !== undefined) terms.push(`redirect=${spf.redirect}`);
  return ["v=spf1", ...terms].join(" ");
}

export function parseSpf(text: string): Spf {
  const [version, ...terms] = text.trim().split(/ +/);
  if (version?.toLowerCase() !== "v=spf1") throw new Error(`"${text}" is no SPF record`);
  const mechanisms: SpfMechanism[] = [];
  let redirect: string | undefined;
  for (const term of terms) {
    const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      // Unknown modifiers are ignored, as receivers do (section 6).
      if (modifier[1]?.toLowerCase() === "redirect") redirect = modifier[2];
      continue;
    }
    mechanisms.push(parseMechanism(term));
  }
  return redirect === undefined ? { mechanisms } : { mechanisms, redirect };
}

function parseMechanism(term: string): SpfMechanism {
  const match = /^([+~?-]?)(all|include|ip4|ip6|a|mx|ptr|exists)((?:[:/].+)?)$/i.exec(term);
  if (match === null) throw new Error(`"${term}" is no SPF mechanism`);
  const [, sign = "", name = "", argument = ""] = match;
  const qualifier = Object.entries(spfQualifiers).find(([, symbol]) => symbol === (sign || "+"))?.[0];
  return { qualifier: qualifier as SpfQualifier, name: name.toLowerCase() as SpfMechanism["name"], argument };
}

/**
 * The one policy of a domain: whoever receives its mail may send it, and whom it includes, nobody else.
 *
 * @param includes - domains of third parties that send in its name, such as `_spf.example.net`.
 */
export function domainPolicy(includes: readonly string[]): Spf {
  return {
    mechanisms: [
      { qualifier: "pass", name: "mx", argument: "" },
      ...includes.map((domain) => ({ qualifier: "pass", name: "include", argument: `:${domain}` }) as const),
      { qualifier: "fail", name: "all", argument: "" },
    ],
  };
}

/** A host that sends from its own address alone. */
export const hostOnly: Spf = {
  mechanisms: [
    { qualifier: "pass", name: "a", argument: "" },
    { qualifier: "fail", name: "all", argument: "" },
  ],
};

export function spfRecord(domain: string, ttl: number, spf: Spf): DnsRecord {
  return {
    role: "spf",
    name: domain,
    type: "TXT",
    ttl,
    content: formatSpf(spf),
    why: `Says which hosts may send mail as ${domain} (SPF, RFC 7208)`,
  };
}
