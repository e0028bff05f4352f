import { isIP } from "node:net";
import { comparableName } from "./name.ts";
import type { Spf, SpfMechanism } from "./spf.ts";

/** Who sends in a domain's name, apart from the servers that receive its mail. */
export interface SpfSources {
  /** Third parties, by the domain of their SPF. @default [] @example ["_spf.example.net"] */
  readonly includes?: readonly string[] | undefined;
  /** Hosts that send: addresses, networks, or host names. @default [] @example ["192.0.2.0/24", "relay.example.net"] */
  readonly relays?: readonly string[] | undefined;
  /** Policies that the domain has already, to be kept in the one that it gets. @default [] */
  readonly existing?: readonly Spf[] | undefined;
  /** Look-ups that the included policies are known to cause themselves. @default 0 */
  readonly includedLookups?: number | undefined;
  /** What happens to mail from anywhere else. @default "fail" */
  readonly others?: "fail" | "softfail" | undefined;
}

/**
 * The one policy of a domain: whoever receives its mail may send it, and whom its sources name, nobody else.
 * Two SPF records at a name would be an error to every receiver (RFC 7208 section 4.5).
 */
export function domainPolicy({
  includes = [],
  relays = [],
  existing = [],
  others = "fail",
}: SpfSources): Spf {
  const own: SpfMechanism[] = [
    { qualifier: "pass", name: "mx", argument: "" },
    ...relays.map(relayMechanism),
    ...includes.map(
      (domain): SpfMechanism => ({ qualifier: "pass", name: "include", argument: `:${domain}` }),
    ),
    { qualifier: others, name: "all", argument: "" },
  ];
  return mergePolicies([{ mechanisms: own }, ...existing]);
}

/**
 * One policy that passes what any of several passes. What the first one says of everybody else counts.
 *
 * A `redirect` becomes an `include`, which passes the same hosts.
 */
export function mergePolicies(policies: readonly Spf[]): Spf {
  const merged = new Map<string, SpfMechanism>();
  for (const { mechanisms, redirect } of policies) {
    const redirected: SpfMechanism[] =
      redirect === undefined || mechanisms.some(isAll)
        ? []
        : [{ qualifier: "pass", name: "include", argument: `:${redirect}` }];
    for (const mechanism of [...upToAll(mechanisms), ...redirected]) {
      const key = `${mechanism.name}${mechanism.argument.toLowerCase()}`;
      if (!merged.has(key)) merged.set(key, mechanism);
    }
  }
  const rest = policies.map(({ mechanisms }) => mechanisms.find(isAll)).find((all) => all !== undefined);
  return { mechanisms: [...merged.values(), ...(rest === undefined ? [] : [rest])] };
}

function relayMechanism(relay: string): SpfMechanism {
  const family = isIP(relay.split("/")[0] ?? "");
  if (family === 0) return { qualifier: "pass", name: "a", argument: `:${comparableName(relay)}` };
  return { qualifier: "pass", name: family === 4 ? "ip4" : "ip6", argument: `:${relay}` };
}

/** What stands after `all` is never looked at (RFC 7208 section 5.1). */
function upToAll(mechanisms: readonly SpfMechanism[]): readonly SpfMechanism[] {
  const end = mechanisms.findIndex(isAll);
  return end < 0 ? mechanisms : mechanisms.slice(0, end);
}

function isAll({ name }: SpfMechanism): boolean {
  return name === "all";
}
