import { isIP } from "node:net";
import {
  domainPolicy,
  formatSpf,
  includeProblem,
  parseSpf,
  relayProblem,
  type Spf,
  type SpfMechanism,
  type SpfSources,
  spfLookups,
} from "../records/index.ts";

/** What to write in a stack file so that nobody who may send today loses it. */
export interface SpfProposal {
  /** Where. @example "maildomain:domains[0].spf" */
  readonly setting: string;
  /** Third parties to add to `includes`. */
  readonly includes: readonly string[];
  /** Hosts and networks to add to `relays`. */
  readonly relays: readonly string[];
  /** What no setting can say, as it stands in the policy. */
  readonly unsaid: readonly string[];
  /** Why not, in the order of {@link unsaid}. */
  readonly reasons: readonly string[];
  /** The resulting policy. */
  readonly merged: string;
  /** Why the merged policy, or one that stands there, would not do; each a sentence. */
  readonly problems: readonly string[];
}

export interface SpfCircumstances {
  /** Look-ups that the included policies are known to cause themselves. @default 0 */
  readonly includedLookups?: number | undefined;
  /** The hosts that receive the domain's mail now and will not any more. @default [] */
  readonly formerExchanges?: readonly string[] | undefined;
  /** Domains of third parties that will not send any more. @default [] */
  readonly formerSenders?: readonly string[] | undefined;
}

/**
 * Term by term, so that one that cannot be read hides no other. Whatever is proposed the settings accept, and the
 * policy made from it is one that receivers look at to its end.
 *
 * @param live - the texts of the policies that stand at the domain: one, or by mistake several.
 */
export function proposeSpf(
  settings: string,
  domain: string,
  own: string,
  live: readonly string[],
  circumstances: SpfCircumstances = {},
): SpfProposal {
  const proposer = new Proposer(domain, parseSpf(own), circumstances);
  for (const text of live) proposer.read(text);
  return { setting: `${settings}.spf`, ...proposer.proposal };
}

/** The most look-ups of a policy (RFC 7208 section 4.6.4). */
const mostLookups = 10;

class Proposer {
  readonly #domain: string;
  readonly #own: Spf;
  readonly #includedLookups: number;
  readonly #formerExchanges: readonly string[];
  readonly #formerSenders: readonly string[];
  readonly #includes: string[] = [];
  readonly #relays: string[] = [];
  readonly #unsaid = new Map<string, string>();
  readonly #problems = new Set<string>();

  constructor(
    domain: string,
    own: Spf,
    { includedLookups = 0, formerExchanges = [], formerSenders = [] }: SpfCircumstances,
  ) {
    this.#domain = domain;
    this.#own = own;
    this.#includedLookups = includedLookups;
    this.#formerExchanges = formerExchanges;
    this.#formerSenders = formerSenders;
  }

  get proposal(): Omit<SpfProposal, "setting"> {
    return {
      includes: this.#includes,
      relays: this.#relays,
      unsaid: [...this.#unsaid.keys()],
      reasons: [...this.#unsaid.values()],
      problems: [...this.#problems],
      merged: formatSpf(this.#merged(), this.#includedLookups),
    };
  }

  read(text: string): void {
    const [version = "", ...all] = text.trim().split(/ +/);
    if (version.toLowerCase() !== "v=spf1") {
      this.#problems.add(`"${text}" cannot be read: it is not a valid SPF record.`);
      return;
    }
    // What stands after `all` is never looked at (RFC 7208 section 5.1).
    const end = all.findIndex((term) => /^[+~?-]?all$/i.test(term));
    const terms = end < 0 ? all : all.slice(0, end);
    const modifiers = terms.filter((term) => modifierForm.test(term));
    for (const term of terms) if (!modifierForm.test(term)) this.#readMechanism(term, text);
    for (const term of modifiers) this.#readModifier(term, text, end < 0);
    const redirects = end < 0 && modifiers.some((term) => /^redirect=/i.test(term));
    this.#compareRest(
      end < 0 ? "?all" : (all[end] ?? "").replace(/^\+?(?=all$)/i, "+").toLowerCase(),
      redirects,
    );
  }

  #readMechanism(term: string, policy: string): void {
    let mechanism: SpfMechanism | undefined;
    try {
      [mechanism] = parseSpf(`v=spf1 ${term}`).mechanisms;
    } catch (error) {
      const { message } = error as Error;
      this.#problems.add(`"${policy}" cannot be read: ${message}.`);
      this.#unsaid.set(term, "receivers cannot read it");
    }
    if (mechanism === undefined) return;
    if (mechanism.qualifier !== "pass") {
      const isOwn = this.#has({ ...mechanism, qualifier: "pass" });
      if (!isOwn) this.#unsaid.set(formatMechanism(mechanism), "the settings only allow senders");
      return;
    }
    if (
      mechanism.name === "mx" &&
      this.#normalArgument(mechanism) === "" &&
      this.#formerExchanges.length > 0
    ) {
      this.#problems.add(
        `mx allows ${this.#formerExchanges.join(", ")} today, and your server alone once the MX has moved: add to relays those that send mail as well.`,
      );
    }
    this.#propose(formatMechanism(mechanism), mechanism);
  }

  /** `redirect` passes the same hosts as an `include` (RFC 7208 section 6.1). */
  #readModifier(term: string, policy: string, isLast: boolean): void {
    const [, name = "", value = ""] = modifierForm.exec(term) ?? [];
    if (name.toLowerCase() === "exp") {
      this.#unsaid.set(term, "it only explains a refusal");
      return;
    }
    if (name.toLowerCase() !== "redirect") {
      this.#unsaid.set(term, "receivers ignore it");
      return;
    }
    if (!isLast) return;
    try {
      parseSpf(`v=spf1 ${term}`);
      const [include] = parseSpf(`v=spf1 include:${value}`).mechanisms;
      if (include !== undefined) this.#propose(term, include);
    } catch (error) {
      this.#problems.add(`"${policy}" cannot be read: ${(error as Error).message}.`);
      this.#unsaid.set(term, "receivers cannot read it");
    }
  }

  /** @param written - how the report names it. */
  #propose(written: string, mechanism: SpfMechanism): void {
    const { name } = mechanism;
    const argument = this.#normalArgument(mechanism);
    if (name === "include" && this.#formerSenders.includes(argument.slice(1))) return;
    if (this.#has({ ...mechanism, argument })) return;
    const problem = this.#problemOf(name, argument);
    if (problem !== undefined) {
      this.#unsaid.set(written, problem);
      return;
    }
    const list = name === "include" ? this.#includes : this.#relays;
    list.push(argument.slice(1));
    if (spfLookups(this.#merged()) + this.#includedLookups <= mostLookups) return;
    list.pop();
    this.#unsaid.set(
      written,
      `it would be look-up ${mostLookups + 1}, and receivers stop at ${mostLookups} (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves`,
    );
  }

  /** As the stack writes it: a host by its name, the domain's MX without. A final dot says nothing (RFC 7208 section 7.1). */
  #normalArgument({ name, argument }: SpfMechanism): string {
    const bare = argument.replace(/\.$/, "");
    if (name === "a" && bare === "") return `:${this.#domain}`;
    return name === "mx" && bare === `:${this.#domain}` ? "" : bare;
  }

  /** Why no setting can hold it. */
  #problemOf(name: SpfMechanism["name"], argument: string): string | undefined {
    const value = argument.slice(1);
    switch (name) {
      case "include":
        if (value === this.#domain) return "it includes the policy itself";
        return includeProblem(value) && "not a name that includes accepts";
      case "a":
        if (argument.includes("/")) return "relays accepts no network around a name";
        // As a relay it would be one, where a look-up of its name finds nothing.
        if (isIP(value) !== 0) return "it is an address where a name belongs";
        return relayProblem(value) && "not a name that relays accepts";
      case "ip4":
      case "ip6":
        return relayProblem(value) && "not a network that relays accepts";
      default:
        return `there is no setting for ${name}`;
    }
  }

  #has(mechanism: SpfMechanism): boolean {
    const key = formatMechanism(mechanism);
    return this.#merged().mechanisms.some((each) => formatMechanism(each) === key);
  }

  #compareRest(theirs: string, redirects: boolean): void {
    const ours = formatMechanism(this.#own.mechanisms.find(({ name }) => name === "all") ?? neutral);
    // Only the policy that a redirect leads to says what holds for the rest.
    if (redirects || theirs === "-all" || theirs === ours) return;
    this.#problems.add(
      `It says ${theirs} for everybody else, yours ${ours}: until you are sure that the list is complete, use others: softfail.`,
    );
  }

  /** As the stack makes it from its settings. */
  #merged(): Spf {
    const own = sourcesOf(this.#own);
    return domainPolicy({
      ...own,
      includes: [...own.includes, ...this.#includes],
      relays: [...own.relays, ...this.#relays],
    });
  }
}

const modifierForm = /^([a-z][a-z0-9._-]*)=(.*)$/i;
/** What a policy without `all` says of whom it does not name (RFC 7208 section 4.7). */
const neutral: SpfMechanism = { qualifier: "neutral", name: "all", argument: "" };

/** The settings from which the stack has made a policy: the inverse of {@link domainPolicy}. */
function sourcesOf({ mechanisms }: Spf) {
  const values = (names: readonly SpfMechanism["name"][]): string[] =>
    mechanisms.filter(({ name }) => names.includes(name)).map(({ argument }) => argument.slice(1));
  const rest = mechanisms.find(({ name }) => name === "all")?.qualifier;
  return {
    includes: values(["include"]),
    relays: values(["a", "ip4", "ip6"]),
    others: rest === "softfail" ? "softfail" : "fail",
  } as const satisfies SpfSources;
}

function formatMechanism(mechanism: SpfMechanism): string {
  return formatSpf({ mechanisms: [mechanism] }).slice("v=spf1 ".length);
}
