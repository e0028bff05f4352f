import { formatSpf, mergePolicies, parseSpf, type Spf, type SpfMechanism } from "../records/index.ts";

/** What to write in a stack file so that nobody who may send today loses it. */
export interface SpfProposal {
  /** Where. @example "maildomain:domains[0].spf" */
  readonly setting: string;
  /** Third parties to add to `includes`. */
  readonly includes: readonly string[];
  /** Hosts and networks to add to `relays`. */
  readonly relays: readonly string[];
  /** What no setting can say: mechanisms other than a plain permission. */
  readonly unsaid: readonly string[];
  /** The resulting policy. */
  readonly merged: string;
  /** Why the merged policy, or one that stands there, would not do; each a sentence. */
  readonly problems: readonly string[];
}

/** @param live - the texts of the policies that stand at the domain: one, or by mistake several. */
export function proposeSpf(
  settings: string,
  domain: string,
  own: string,
  live: readonly string[],
): SpfProposal {
  const problems: string[] = [];
  const policies = live.flatMap((text): Spf[] => {
    try {
      return [parseSpf(text)];
    } catch (error) {
      problems.push(`"${text}" cannot be read: ${(error as Error).message}.`);
      return [];
    }
  });
  const merged = mergePolicies([parseSpf(own), ...policies]);
  const known = new Set(parseSpf(own).mechanisms.map(formatMechanism));
  const added = merged.mechanisms.filter(
    (mechanism) => mechanism.name !== "all" && !known.has(formatMechanism(mechanism)),
  );
  const includes: string[] = [];
  const relays: string[] = [];
  const unsaid: string[] = [];
  for (const mechanism of added) {
    const argument = mechanism.argument.replace(/^:/, "");
    const relay = relayOf(mechanism, domain);
    if (mechanism.qualifier === "pass" && mechanism.name === "include") includes.push(argument);
    else if (relay !== undefined) relays.push(relay);
    else unsaid.push(formatMechanism(mechanism));
  }
  const rest = restOf(parseSpf(own));
  for (const policy of policies) {
    const theirs = restOf(policy);
    // Only the policy that a redirect leads to says what holds for the rest.
    if (policy.redirect !== undefined || theirs === "-all" || theirs === rest) continue;
    problems.push(
      `It says ${theirs} for everybody else, yours ${rest}: until you are sure that the list is complete, use others: softfail.`,
    );
  }
  const said = merged.mechanisms.filter((mechanism) => !unsaid.includes(formatMechanism(mechanism)));
  return { setting: `${settings}.spf`, includes, relays, unsaid, problems, merged: format(said, problems) };
}

/** What a policy says of whom it does not name; nothing is neutral (RFC 7208 section 4.7). */
function restOf({ mechanisms }: Spf): string {
  const all = mechanisms.find(({ name }) => name === "all");
  return all === undefined ? "?all" : formatMechanism(all);
}

/** A mechanism as an entry of the setting `relays`. */
function relayOf({ qualifier, name, argument }: SpfMechanism, domain: string): string | undefined {
  if (qualifier !== "pass") return undefined;
  if (name === "ip4" || name === "ip6") return argument.slice(1);
  if (name !== "a" || argument.includes("/") || argument.includes("%")) return undefined;
  return argument === "" ? domain : argument.slice(1);
}

function formatMechanism(mechanism: SpfMechanism): string {
  return formatSpf({ mechanisms: [mechanism] }).slice("v=spf1 ".length);
}

function format(mechanisms: readonly SpfMechanism[], problems: string[]): string {
  try {
    return formatSpf({ mechanisms });
  } catch (error) {
    problems.push(`The merged policy ${(error as Error).message}.`);
    return "";
  }
}
