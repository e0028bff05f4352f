/**
 * Fixed places in a lab's own network, known before anything runs: the lab's own zones name them, and each
 * server sends mail from its own.
 */
import { createHash } from "node:crypto";
import type { NetworkArgs } from "@pulumi/docker/network.js";
import type { StackSettings } from "./config.ts";
import { serversOf } from "./servers.ts";

export interface LabNetwork {
  /** All of its addresses. @example "198.19.4.32/27" */
  readonly subnet: string;
  /** The quarter from which the engine takes an address for whatever has no fixed place. */
  readonly ipRange: string;
  /** The place of the name server that the lab's own servers ask. */
  readonly nameServerAddress: string;
  /** The web server's place. */
  readonly webServerAddress: string;
  /** Each mail server's place, by its host name. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** Undefined outside of a lab, where servers are reached by their public addresses alone. */
export function labNetwork(settings: StackSettings, stack: string): LabNetwork | undefined {
  if (!settings.lab) return undefined;
  const subnet = settings.subnet ?? subnetOf(stack);
  const at = (offset: number): string => addressIn(subnet, offset);
  const places = serversOf(settings).map(({ hostName }, index) => [hostName, at(3 + index)] as const);
  // Offset 1 is the gateway's; the schema takes twelve further servers, which end at 15.
  return {
    subnet,
    ipRange: `${at(24)}/29`,
    nameServerAddress: at(2),
    webServerAddress: at(16),
    addresses: new Map(places),
  };
}

/** How the engine makes the network: one of its own choice where there is none to be known before. */
export function networkArgs(inside: LabNetwork | undefined): Pick<NetworkArgs, "ipamConfigs"> {
  return inside === undefined ? {} : { ipamConfigs: [{ subnet: inside.subnet, ipRange: inside.ipRange }] };
}

/**
 * One of 2,048 subnets of 198.19.0.0/16: of the addresses that are for tests between devices (RFC 2544), which no
 * network at home or in a company uses, and which filters do not take for their own. By the stack's name, so that
 * two stacks of one engine hardly ever meet.
 */
function subnetOf(stack: string): string {
  const number = createHash("sha256").update(stack).digest().readUInt16BE() % 2048;
  return `198.19.${number >> 3}.${(number & 7) << 5}/27`;
}

function addressIn(subnet: string, offset: number): string {
  const [network = ""] = subnet.split("/");
  const bytes = network.split(".").map(Number);
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + offset].join(".");
}
