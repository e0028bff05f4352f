/**
 * Fixed places in a stack's own network, known before anything runs. A lab's own zones name them, and each server sends
 * mail from its own; with webmail the servers know by them who comes through it.
 */
import { createHash } from "node:crypto";
import type { NetworkArgs } from "@pulumi/docker/network.js";
import { NetworkName } from "../../naming/resources.ts";
import { addressesOfServices, answersOn, serviceNames } from "../../records/index.ts";
import type { StackSettings } from "../schema/config.ts";
import { networkPlaces } from "../schema/network-places.ts";
import { serversOf } from "./servers.ts";
import { servesWebmail } from "./web.ts";

/** What a stack's network is apart from the places in it. */
export interface NetworkFamilies {
  /** Whether it has IPv6 as well, with addresses of its own that nobody else has. */
  readonly hasIPv6: boolean;
}

export interface StackNetwork {
  /** All of its addresses. @example "198.19.4.32/27" */
  readonly subnet: string;
  /** The quarter from which the engine takes an address for whatever has no fixed place. */
  readonly ipRange: string;
  /** The place of the name server that the lab's own servers ask. */
  readonly nameServerAddress: string;
  /** The web server's place. */
  readonly webServerAddress: string;
  readonly webmailAddress: string;
  /** Each mail server's place, by its host name. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** The places in use before a run, each by its server's name. */
export type OccupiedPlaces = ReadonlyMap<string, string>;

/**
 * Undefined where servers are reached by their public addresses alone: outside a lab, and without webmail. A server that
 * exists keeps its place, and nobody gets one that another still has, also of a server that is about to be removed.
 */
export function stackNetwork(
  settings: StackSettings,
  stack: string,
  occupied: OccupiedPlaces = new Map(),
  families: NetworkFamilies = { hasIPv6: false },
): StackNetwork | undefined {
  if (!settings.lab && !servesWebmail(settings)) return undefined;
  // Two networks of one engine cannot have the same addresses.
  const subnet = settings.subnet ?? subnetOf(isBesideTheOther(settings, families) ? `${stack} ipv6` : stack);
  const at = (offset: number): string => addressIn(subnet, offset);
  const { mailServers, nameServer, webServer, webmail, engine } = networkPlaces;
  const ofServers = mailServers.map(at);
  const taken = new Set(occupied.values());
  const free = ofServers.filter((place) => !taken.has(place));
  // The schema allows at most as many servers as there are places. Servers that are being removed may have the last ones:
  // whoever gets none then is refused before anything changes.
  const places = serversOf(settings).flatMap(({ name, hostName }) => {
    const kept = occupied.get(name);
    const place = kept !== undefined && ofServers.includes(kept) ? kept : free.shift();
    return place === undefined ? [] : [[hostName, place] as const];
  });
  return {
    subnet,
    ipRange: `${at(engine)}/29`,
    nameServerAddress: at(nameServer),
    webServerAddress: at(webServer),
    webmailAddress: at(webmail),
    addresses: new Map(places),
  };
}

/** How the engine makes the network: of its own choice where there is nothing to be known before. */
export function networkArgs(
  places: StackNetwork | undefined,
  stack: string,
  { hasIPv6 }: NetworkFamilies,
): Pick<NetworkArgs, "ipamConfigs" | "ipv6"> {
  const fixed = places && { subnet: places.subnet, ipRange: places.ipRange };
  if (!hasIPv6) return fixed === undefined ? {} : { ipamConfigs: [fixed] };
  // An engine that chose one of the two would report both, and the next preview would take that for a change.
  return {
    ipv6: true,
    ipamConfigs: [fixed ?? { subnet: wideSubnetOf(stack) }, { subnet: ipv6SubnetOf(stack) }],
  };
}

/** Whether a server of the stack is to be reached by IPv6, for which its network has to have it. */
export function wantsIPv6(settings: StackSettings): boolean {
  return serversOf(settings).some(({ bound, proxyProtocol }) => {
    const proxied = proxyProtocol?.address === undefined ? [] : [proxyProtocol.address];
    const addresses = [...addressesOfServices(bound, serviceNames), ...proxied];
    return addresses.some((address) => answersOn("ipv6", address));
  });
}

/**
 * The network's role. One that gets fixed places or IPv6 later is another network, beside the old one for as long as
 * containers move to it: the engine removes none that is in use. A lab's, and one with a declared subnet, is replaced.
 */
export function networkRole(
  settings: Pick<StackSettings, "lab" | "subnet">,
  places: StackNetwork | undefined,
  families: NetworkFamilies,
): NetworkName {
  const { lab } = settings;
  if (isBesideTheOther(settings, families)) return NetworkName.bothFamilies;
  return lab || places === undefined ? NetworkName.ordinary : NetworkName.fixed;
}

/**
 * One of 2,048 subnets of 198.19.0.0/16: of the addresses that are for tests between devices (RFC 2544), which no
 * network at home or in a company uses, and which filters do not take for their own. By the stack's name, so that
 * two stacks of one engine hardly ever meet.
 *
 * @internal
 */
export function subnetOf(stack: string): string {
  const number = createHash("sha256").update(stack).digest().readUInt16BE() % 2048;
  return `198.19.${number >> 3}.${(number & 7) << 5}/27`;
}

function isBesideTheOther(
  { lab, subnet }: Pick<StackSettings, "lab" | "subnet">,
  { hasIPv6 }: NetworkFamilies,
): boolean {
  return hasIPv6 && !lab && subnet === undefined;
}

/** One of 256 networks of 198.18.0.0/16, the other half of those addresses: for servers without fixed places. */
function wideSubnetOf(stack: string): string {
  return `198.18.${createHash("sha256").update(stack).digest().readUInt8()}.0/24`;
}

/**
 * A network of unique local addresses (RFC 4193), whose 40 bits are by the stack's name: the engine translates them, and nobody
 * else ever sees one.
 */
export function ipv6SubnetOf(stack: string): string {
  const digest = createHash("sha256").update(`ipv6 ${stack}`).digest("hex");
  // A group without zeros before it, as the engine writes the network.
  const group = (from: number) => Number.parseInt(digest.slice(from, from + 4), 16).toString(16);
  return `fd${digest.slice(0, 2)}:${group(2)}:${group(6)}::/64`;
}

function addressIn(subnet: string, offset: number): string {
  const [network = ""] = subnet.split("/");
  const bytes = network.split(".").map(Number);
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + offset].join(".");
}
