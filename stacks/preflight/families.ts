/** Whether a stack's network has IPv6: where it is asked for, and where the engine keeps who connects by it. */
import { canIPv6, type EngineKind, ipv6Obstacle } from "../../engine/port-forwarding.ts";
import { wantsIPv6 } from "../program/stack-network.ts";
import type { StackSettings } from "../schema/config.ts";
import type { KnownResource } from "./former-engine.ts";

export interface Families {
  readonly hasIPv6: boolean;
  /** What a person should know of it, with the setting's path. */
  readonly warning?: string | undefined;
}

/**
 * A network that has IPv6 keeps it for as long as it is asked for.
 *
 * @param kind - the engine's; undefined where it does not answer.
 */
export function familiesOf(
  settings: StackSettings,
  known: readonly KnownResource[],
  kind: EngineKind | undefined,
): Families {
  if (!wantsIPv6(settings)) return { hasIPv6: false };
  const had = known.some(
    ({ type, outputs }) => type === "docker:index/network:Network" && outputs?.ipv6 === true,
  );
  if (had || kind === undefined || canIPv6(kind)) return { hasIPv6: true };
  return {
    hasIPv6: false,
    warning:
      `${settings.addresses === undefined ? "address" : "addresses"}: the stack's network stays without IPv6, and the servers ` +
      `see everybody who connects by it as the engine itself: SPF fails for them, and one guesser of passwords delays all of them. ${ipv6Obstacle(kind)} (docs/addresses.md)`,
  };
}
