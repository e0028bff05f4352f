/** What a server needs and another one still has: Pulumi makes the one before it deletes the other. */
import { parseServerName } from "../../naming/servers.ts";
import { isSameAddress } from "../../records/index.ts";
import { serversOf } from "../program/servers.ts";
import { stackNetwork } from "../program/stack-network.ts";
import type { StackSettings } from "../schema/config.ts";
import { type FormerServers, type HeldPort, occupiedPlaces } from "./former-servers.ts";
import { type OpenedPort, openedPorts } from "./ports.ts";

export interface Held {
  /** Where it is asked for. @example "servers[0].ports.smtp" */
  readonly setting: string;
  /** @example "port 2525 on 127.0.0.1" */
  readonly what: string;
  /** The name of the server that has it. */
  readonly holder: string;
}

/**
 * Ports that another server of the stack gives up by the same change, and places in a network that has no other left.
 *
 * @param stack - its name
 */
export function findHeld(settings: StackSettings, former: FormerServers, stack: string): Held[] {
  const opened = openedPorts(settings);
  const kept = new Set(opened.map(portOf));
  const givenUp = former.ports.filter((held) => !kept.has(portOf(held)));
  const ports = opened.flatMap((wanted): Held[] => {
    const holder = givenUp.find((held) => held.server !== wanted.server && isSame(held, wanted))?.server;
    const what = `port ${wanted.port} on ${wanted.address}`;
    return holder === undefined ? [] : [{ setting: wanted.setting, what, holder }];
  });
  return [
    ...new Map(
      [...ports, ...heldPlaces(settings, former, stack)].map((held) => [JSON.stringify(held), held]),
    ).values(),
  ];
}

/** Whose port it is. */
function portOf({ server, address, port, protocol }: Omit<HeldPort, "internal">): string {
  return `${server} ${address} ${port}/${protocol}`;
}

function isSame(held: HeldPort, wanted: OpenedPort): boolean {
  return (
    isSameAddress(held.address, wanted.address) &&
    held.port === wanted.port &&
    held.protocol === wanted.protocol
  );
}

function heldPlaces(settings: StackSettings, former: FormerServers, stack: string): Held[] {
  const servers = serversOf(settings);
  const declared = servers.map(({ name }) => name);
  const places = stackNetwork(settings, stack, occupiedPlaces(former, declared));
  if (places === undefined) return [];
  const without = servers.filter(({ hostName }) => !places.addresses.has(hostName));
  const leaving = [...former.occupied.keys()].filter(
    (server) => parseServerName(server)?.name !== undefined && !declared.includes(server),
  );
  return without.flatMap(({ path }, index): Held[] => {
    const holder = leaving[index];
    const what = "a place in the stack's network, which has no other left";
    return holder === undefined ? [] : [{ setting: `${path}hostName`, what, holder }];
  });
}
