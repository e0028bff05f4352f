import { isIPv4, isIPv6 } from "node:net";
import { canonicalIPv6 } from "./address.ts";
import { FormError } from "./form-error.ts";
import type { DnsRecord } from "./record.ts";

export const spfQualifiers = { pass: "+", fail: "-", softfail: "~", neutral: "?" } as const;
export type SpfQualifier = keyof typeof spfQualifiers;

/**
 * A mechanism (RFC 7208 section 5).
 *
 * @example `mx`, `ip4:192.0.2.0/24`, `include:_spf.example.net`
 */
export interface SpfMechanism {
  /** What holds for a sender whom it names. */
  readonly qualifier: SpfQualifier;
  /** Its name, in lower case. */
  readonly name: "a" | "mx" | "ip4" | "ip6" | "include" | "exists" | "ptr" | "all";
  /** What follows the name: `:domain`, `:address`, `/prefix`; empty for a bare mechanism. @example ":192.0.2.0/24" */
  readonly argument: string;
}

/**
 * A sender policy (RFC 7208).
 *
 * @example `v=spf1 mx -all`
 */
export interface Spf {
  /** In the order in which receivers look at them. @example [{ qualifier: "pass", name: "mx", argument: "" }] */
  readonly mechanisms: readonly SpfMechanism[];
  /**
   * Domain whose policy is used instead (section 6.1); makes sense only without `all`.
   *
   * @default none
   * @example "example.net"
   */
  readonly redirect?: string | undefined;
}

/** Mechanisms and modifiers that cost the receiver a DNS query; it stops at ten (section 4.6.4). */
const lookupMechanisms = new Set(["a", "mx", "include", "exists", "ptr"]);

/** Look-ups that the text itself causes; what it includes causes more, which only the DNS knows. */
export function spfLookups(spf: Spf): number {
  const mechanisms = spf.mechanisms.filter(({ name }) => lookupMechanisms.has(name)).length;
  return mechanisms + (spf.redirect === undefined ? 0 : 1);
}

/** @param includedLookups - look-ups that the included policies are known to cause themselves. */
export function formatSpf(spf: Spf, includedLookups = 0): string {
  const lookups = spfLookups(spf) + includedLookups;
  if (lookups > 10) {
    throw new Error(
      `needs ${lookups} look-ups; receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves`,
    );
  }
  const terms = spf.mechanisms.map((mechanism) => {
    const sign = mechanism.qualifier === "pass" ? "" : spfQualifiers[mechanism.qualifier];
    return `${sign}${mechanism.name}${normalizeArgument(mechanism)}`;
  });
  if (spf.redirect !== undefined) terms.push(`redirect=${spf.redirect.toLowerCase()}`);
  return ["v=spf1", ...terms].join(" ");
}

/** Whether a text is an SPF record at all: `v=spf1`, in either case, before a space or the end (RFC 7208 section 4.5). */
export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** @throws FormError for what makes the whole policy an error to receivers (section 4.6). */
export function parseSpf(text: string): Spf {
  const [version, ...terms] = text.trim().split(/ +/);
  if (version?.toLowerCase() !== "v=spf1")
    throw new FormError(`"${text}" is not a valid SPF record`, "begin it with v=spf1 and a space");
  const mechanisms: SpfMechanism[] = [];
  const modifiers = new Set<string>();
  let redirect: string | undefined;
  for (const term of terms) {
    const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      const name = modifier[1]?.toLowerCase() ?? "";
      // Unknown modifiers are ignored, as receivers do (section 6).
      if (name !== "redirect" && name !== "exp") continue;
      if (modifiers.has(name))
        throw new FormError(
          `the SPF modifier ${name} stands twice`,
          "keep one of the two (RFC 7208 section 6)",
        );
      modifiers.add(name);
      if (!new RegExp(`^${domainSpec}$`, "i").test(modifier[2] ?? ""))
        throw new FormError(`"${term}" is not a valid SPF modifier`, `write a domain after ${name}=`);
      if (name === "redirect") redirect = modifier[2]?.toLowerCase();
      continue;
    }
    mechanisms.push(parseMechanism(term));
  }
  return redirect === undefined ? { mechanisms } : { mechanisms, redirect };
}

function parseMechanism(term: string): SpfMechanism {
  const match = /^([+~?-]?)(all|include|ip4|ip6|a|mx|ptr|exists)((?:[:/].+)?)$/i.exec(term);
  if (match === null) throw notMechanism(term);
  const [, sign = "", name = "", argument = ""] = match;
  const qualifier = Object.entries(spfQualifiers).find(([, symbol]) => symbol === (sign || "+"))?.[0];
  const mechanism: SpfMechanism = {
    qualifier: qualifier as SpfQualifier,
    name: name.toLowerCase() as SpfMechanism["name"],
    argument,
  };
  return { ...mechanism, argument: normalizeArgument(mechanism) };
}

const ip4Advice = "use ip4: and an IPv4 address or network, such as ip4:192.0.2.0/24";

/** What people write for a mechanism that exists, and what each is written like. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/^[+~?-]?(?:ip(?:v?6)?[:=])?\d+(?:\.\d+){3}/i, ip4Advice],
  [/^[+~?-]?ip(?:v?6|v?4:[0-9a-f]*:)/i, "use ip6: and an IPv6 address or network, such as ip6:2001:db8::/32"],
  [/^[+~?-]?ip(?:v?4)?(?=[:=\d]|$)/i, ip4Advice],
  [/^[+~?-]?incl/i, "use include: and a domain, such as include:_spf.example.net"],
  [/^redirect/i, "use redirect= and a domain, such as redirect=_spf.example.net"],
  [/^[+~?-]?all/i, "use -all or ~all alone, at the end"],
  [/^[+~?-]?a[:/]/i, "use a, or a: and a host name"],
  [/^[+~?-]?mx/i, "use mx, or mx: and a domain"],
  [/^[+~?-]$/, "write it and its mechanism without a space between them, such as -all"],
];

function notMechanism(term: string): FormError {
  const advice = forms.find(([form]) => form.test(term))?.[1];
  return new FormError(
    `"${term}" is not a valid SPF mechanism`,
    advice ?? "use a, mx, ip4:…, ip6:…, include:…, exists:… or all (RFC 7208 section 5)",
  );
}

/** A domain with macros (section 7) and underscores, hence no host name. */
const domainSpec = "(?:[a-z0-9_-]|%\\{[slodiphv](?:[1-9][0-9]*)?r?[.+,/_=-]*\\}|%%|%_|%-|\\.)+";
const prefixes = "(?:/(?:[0-9]|[12][0-9]|3[0-2]))?(?://(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?";
const argumentForms: Readonly<Record<Exclude<SpfMechanism["name"], "ip4" | "ip6">, RegExp>> = {
  all: /^$/,
  include: new RegExp(`^:${domainSpec}$`, "i"),
  exists: new RegExp(`^:${domainSpec}$`, "i"),
  ptr: new RegExp(`^(?::${domainSpec})?$`, "i"),
  a: new RegExp(`^(?::${domainSpec})?${prefixes}$`, "i"),
  mx: new RegExp(`^(?::${domainSpec})?${prefixes}$`, "i"),
};

/** The one spelling of what follows a mechanism's name (RFC 7208 section 5, RFC 5952). */
function normalizeArgument({ name, argument }: SpfMechanism): string {
  if (name === "ip4" || name === "ip6") return `:${normalizeNetwork(name, argument.slice(1))}`;
  if (!argumentForms[name].test(argument)) throw notMechanism(`${name}${argument}`);
  return argument.toLowerCase();
}

function normalizeNetwork(name: "ip4" | "ip6", network: string): string {
  const [address = "", prefix, ...more] = network.split("/");
  const right = name === "ip4" ? isIPv4(address) : isIPv6(address) && !address.includes("%");
  const longest = name === "ip4" ? 32 : 128;
  const rightPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  if (!right || !rightPrefix || more.length > 0) throw notMechanism(`${name}:${network}`);
  const canonical = name === "ip4" ? address : canonicalIPv6(address);
  return prefix === undefined ? canonical : `${canonical}/${Number(prefix)}`;
}

/** A host that sends from its own address alone. */
export const hostOnly: Spf = {
  mechanisms: [
    { qualifier: "pass", name: "a", argument: "" },
    { qualifier: "fail", name: "all", argument: "" },
  ],
};

/** Nobody may send in this name (RFC 7208 section 10.1.2). */
export const nobody: Spf = { mechanisms: [{ qualifier: "fail", name: "all", argument: "" }] };

/** @param includedLookups - see {@link formatSpf}. */
export function spfRecord(domain: string, ttl: number, spf: Spf, includedLookups = 0): DnsRecord {
  return {
    role: "spf",
    name: domain,
    type: "TXT",
    ttl,
    content: formatSpf(spf, includedLookups),
    why: "Which hosts may send mail in this name, and no others (SPF, RFC 7208)",
  };
}
