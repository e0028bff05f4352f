import type { DockerEngine } from "./docker-engine.ts";
import { isOlder } from "./readiness.ts";

/** From here on an engine translates IPv6 addresses by itself, and keeps who connects. */
const ipv6ByItself = "27.0";

/** What an engine is, as far as it decides whether its containers see who connects. */
export interface EngineKind {
  readonly product: "docker" | "podman";
  readonly version: string;
  /** Whether it runs without root, and so reaches its ports through a program. */
  readonly isRootless: boolean;
  /** Whether its features that are not yet finished are on, of which `ip6tables` is one before Docker 27. */
  readonly isExperimental: boolean;
  /** Whether its default network has IPv6 (`ipv6` in its daemon.json). */
  readonly hasIPv6: boolean;
}

/**
 * Asks an engine what it is.
 *
 * @throws EngineError or EngineUnreachableError where it does not answer.
 */
export async function engineKind(engine: DockerEngine): Promise<EngineKind> {
  const facts = await engine.facts();
  return {
    product: facts.components.some((name) => /podman/i.test(name)) ? "podman" : "docker",
    version: facts.version,
    isRootless: facts.securityOptions.some((option) => /\brootless\b/.test(option)),
    isExperimental: facts.isExperimental,
    hasIPv6: facts.hasIPv6,
  };
}

/** Whether the containers of a network with IPv6 can be reached, and see who connects by it. */
export function canIPv6(kind: EngineKind): boolean {
  return ipv6Obstacle(kind) === undefined;
}

/** Why a network stays without IPv6 there, and what to do about it; undefined where it need not. */
export function ipv6Obstacle(kind: EngineKind): string | undefined {
  const { product, version, isRootless, isExperimental, hasIPv6 } = kind;
  if (product === "podman" || isRootless) return hidingOf(kind);
  if (!isOlder(version, ipv6ByItself) || (isExperimental && hasIPv6)) return undefined;
  return (
    `Docker Engine ${version} hides who connects by IPv6 unless it translates addresses itself: write ` +
    `${ipv6Settings} into its /etc/docker/daemon.json and restart it, or install Docker 27 or later`
  );
}

const ipv6Settings =
  '"ipv6": true, "fixed-cidr-v6": "fd00:d0c::/64", "ip6tables": true, "experimental": true';

/** Why clients are hidden whatever they connect by; undefined where an engine is as it usually is. */
export function hidingOf({ product, isRootless }: EngineKind): string | undefined {
  if (product === "podman") {
    return (
      "Podman's port forwarder puts its own address in place of each client's where it runs without root: run the " +
      "stack on Podman as root, or on Docker Engine"
    );
  }
  if (!isRootless) return undefined;
  return (
    "an engine without root puts its own address in place of each client's: set " +
    "DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER=slirp4netns for it and restart it, or use an engine that runs as root"
  );
}

/** What to do where clients are seen to be hidden. @param isIPv6 - whether they connect by it */
export function hidingRemedy(kind: EngineKind, isIPv6: boolean): string {
  const known = hidingOf(kind) ?? (isIPv6 ? ipv6Obstacle(kind) : undefined);
  if (known !== undefined) return `${known.charAt(0).toUpperCase()}${known.slice(1)}.`;
  const [setting, address] = isIPv6
    ? ["ip6tables", ', and `address: "::"` in the stack file']
    : ["iptables", ""];
  return (
    "The engine's userland proxy takes the connections. Its own rules, which keep the clients' addresses, are off or " +
    `were removed: see that its daemon.json has no \`"${setting}": false\`${address}, and restart the engine after a firewall ` +
    "has replaced its rules."
  );
}
