/** What the settings of a domain would have to say so that a record that stands there stays in force. */
import {
  addressProblem,
  authorityOf,
  caaProperty,
  cut,
  type Dmarc,
  formatIssuer,
  parseCname,
  parseDmarc,
  parseIssuer,
  parseTagList,
  parseTlsReporting,
} from "../records/index.ts";
import { isOfDomain, type WantedRecord } from "./wanted-record.ts";

/** Settings that the stack accepts, and what none of them can say. */
export interface SettingsProposal {
  /** The section that they belong to. @example "maildomain:domains[0].dmarc" */
  readonly setting: string;
  /** What to write in it, by key; a list is what to add to the one that is there. */
  readonly values: Readonly<Record<string, SettingsValue>>;
  /** What no setting can say, as it stands in the record. */
  readonly unsaid: readonly string[];
  /** Why not, in the order of {@link unsaid}. */
  readonly reasons: readonly string[];
}

export type SettingsValue = string | readonly (string | Readonly<Record<string, string>>)[];

const ofParked = /^maildomain:parkedDomains\[/;

/**
 * @param live - the content of the record that stands where `wanted` belongs.
 * @param hosted - the stack's domains: an address there is one that the stack makes.
 * @returns nothing where the record's kind has no settings.
 */
export function proposeSettings(
  { settings, record: { role, name, type } }: WantedRecord,
  live: string,
  hosted: ReadonlySet<string>,
): SettingsProposal | undefined {
  const hasPolicy = isOfDomain(settings);
  if (role === "dmarc" && (hasPolicy || ofParked.test(settings))) {
    return new Proposal(settings, hosted).dmarc(live, hasPolicy);
  }
  if (!hasPolicy) return undefined;
  if (role === "tls-rpt") return new Proposal(settings, hosted).tlsReports(live);
  if (type === "CNAME") {
    const label = role.slice("cname-".length);
    return name.startsWith(`${label}.`) ? new Proposal(settings, hosted).alias(label, live) : undefined;
  }
  return undefined;
}

/**
 * @param settings - where the stack file describes the domain. @example "maildomain:domains[0]"
 * @param own - the contents of the domain's own CAA records.
 * @param live - those of somebody else's.
 */
export function proposeIssuers(
  settings: string,
  own: readonly string[],
  live: readonly string[],
): SettingsProposal | undefined {
  if (!isOfDomain(settings)) return undefined;
  return new Proposal(settings, new Set()).issuers(own, live);
}

class Proposal {
  readonly #settings: string;
  readonly #hosted: ReadonlySet<string>;
  readonly #values: Record<string, SettingsValue> = {};
  readonly #unsaid = new Map<string, string>();

  constructor(settings: string, hosted: ReadonlySet<string>) {
    this.#settings = settings;
    this.#hosted = hosted;
  }

  dmarc(text: string, hasPolicy: boolean): SettingsProposal {
    const section = hasPolicy ? `${this.#settings}.dmarc` : this.#settings;
    const parsed = this.#read(text, parseDmarc);
    if (parsed === undefined) return this.#in(section);
    if (hasPolicy) this.#values.policy = parsed.policy;
    else if (parsed.policy !== "reject")
      this.#unsaid.set(`p=${parsed.policy}`, "a parked domain has p=reject");
    this.#reports("reports", parsed.reportAddresses ?? []);
    this.#furtherTags(text, parsed);
    return this.#in(section);
  }

  tlsReports(text: string): SettingsProposal {
    const parsed = this.#read(text, parseTlsReporting);
    this.#reports("tlsReports", parsed?.reportAddresses ?? []);
    for (const endpoint of parsed?.endpoints ?? [])
      this.#unsaid.set(endpoint, "tlsReports accepts an address");
    return this.#in(this.#settings);
  }

  alias(label: string, target: string): SettingsProposal {
    if (this.#read(target, parseCname) !== undefined) this.#values.delegations = [{ label, target }];
    return this.#in(this.#settings);
  }

  issuers(own: readonly string[], live: readonly string[]): SettingsProposal {
    const properties = (contents: readonly string[]) =>
      contents.flatMap((content) => caaProperty(content) ?? []);
    const known = new Set(properties(own).map(({ tag, value }) => `${tag} ${authorityOf(value)}`));
    const lists = { issue: "issuers", issuewild: "wildcardIssuers" } as const;
    for (const { tag, value, isCritical } of properties(live)) {
      const key = lists[tag as keyof typeof lists];
      const said = `${tag} "${value}"`;
      const authority = authorityOf(value);
      if (key === undefined) this.#unsaid.set(said, "certificates has no such property");
      else if (isCritical) this.#unsaid.set(said, "certificates has no flags");
      else if (authority === "" && tag === "issuewild") this.#values[key] ??= [];
      else if (authority === "") this.#unsaid.set(said, "issuers has no entry for nobody");
      else if (known.has(`${tag} ${authority}`))
        this.#unsaid.set(said, `${key} holds one entry per authority`);
      else if (this.#read(value, (text) => formatIssuer(parseIssuer(text)), said) !== undefined) {
        known.add(`${tag} ${authority}`);
        this.#values[key] = [...((this.#values[key] as string[] | undefined) ?? []), value];
      }
    }
    return this.#in(`${this.#settings}.certificates`);
  }

  /** A setting has one address, and those of the stack's own domains have to be ones that it can make. */
  #reports(key: string, addresses: readonly string[]): void {
    for (const address of addresses) {
      const isHosted = this.#hosted.has(cut(address)?.domain ?? "");
      const problem =
        addressProblem(address, "existing") ?? (isHosted ? addressProblem(address, "created") : undefined);
      if (problem !== undefined) this.#unsaid.set(`mailto:${address}`, problem.replace(/^"[^"]*" /, "it "));
      else if (this.#values[key] !== undefined)
        this.#unsaid.set(`mailto:${address}`, `${key} accepts one address`);
      else this.#values[key] = address;
    }
  }

  /** Of the tags that receivers know, those that ask for nothing but the default say nothing. */
  #furtherTags(text: string, { policy, subdomainPolicy = policy }: Dmarc): void {
    const defaults: Readonly<Record<string, string>> = {
      sp: policy,
      np: subdomainPolicy,
      adkim: "r",
      aspf: "r",
      t: "n",
      pct: "100",
    };
    for (const [tag, value] of this.#read(text, parseTagList) ?? []) {
      const name = tag.toLowerCase();
      if (["v", "p", "rua"].includes(name) || defaults[name] === value.toLowerCase()) continue;
      const isFormer = ["pct", "rf", "ri"].includes(name);
      this.#unsaid.set(
        `${tag}=${value}`,
        isFormer ? "receivers no longer know it (RFC 9989)" : "dmarc has no such key",
      );
    }
  }

  #read<Value>(text: string, parse: (text: string) => Value, said = text): Value | undefined {
    try {
      return parse(text);
    } catch (error) {
      this.#unsaid.set(said, (error as Error).message);
      return undefined;
    }
  }

  #in(setting: string): SettingsProposal {
    return {
      setting,
      values: this.#values,
      unsaid: [...this.#unsaid.keys()],
      reasons: [...this.#unsaid.values()],
    };
  }
}
