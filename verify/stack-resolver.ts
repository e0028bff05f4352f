import { type RunningStack, reachableAddress, type StackZone } from "../outputs/running-stack.ts";
import { isServedHere } from "../publishers/declared-zone.ts";
import { isWithin } from "../records/index.ts";
import { CannotCheckError } from "./check.ts";
import { askWorld, type NameResolver, resolverAt } from "./probes/dns.ts";
import { authority } from "./services.ts";

/**
 * Asks for what the stack publishes where it is published, past all caches: its own name server, and for a zone that is
 * published elsewhere the name servers to which the world is sent. For all other names, the world's resolver.
 *
 * @param world - none where nothing of the stack is known outside: then the stack's own server is asked for everything.
 */
export function stackResolver(running: RunningStack, world: NameResolver | undefined): NameResolver {
  const { endpoint, containers, zones } = running;
  const own = containers.dnsServer
    ? resolverAt(authority({ host: reachableAddress(running, "dns"), port: endpoint.ports.dns }))
    : resolverAt();
  const elsewhere = new Map<string, Promise<string[]>>();
  return {
    async serversFor(name) {
      if (world === undefined) return own.serversFor(name);
      const zone = zoneOf(name, zones);
      if (zone === undefined) return world.serversFor(name);
      if (isServedHere({ dns: zone.publisher })) return own.serversFor(name);
      const known = elsewhere.get(zone.name) ?? nameServersOf(zone.name, world);
      elsewhere.set(zone.name, known);
      return known;
    },
  };
}

/** The zone that a name is in: of two, the one below. */
function zoneOf(name: string, zones: readonly StackZone[]): StackZone | undefined {
  const lower = name.toLowerCase();
  return zones.filter((zone) => isWithin(lower, zone.name)).sort((a, b) => b.name.length - a.name.length)[0];
}

/** @throws CannotCheckError when the world is sent nowhere, which the check of a resolver's view reports as well. */
async function nameServersOf(zone: string, world: NameResolver): Promise<string[]> {
  const names = await askWorld(world, zone, "NS");
  // IPv4 first: not every machine has a way to IPv6.
  const addresses = await Promise.all(
    ["A", "AAAA"].flatMap((type) => names.map((name) => askWorld(world, name, type))),
  );
  if (addresses.flat().length > 0) return addresses.flat();
  throw new CannotCheckError(
    `no name server of ${zone} was found`,
    `Have the registrar delegate to the zone's name servers; see \`dig ${zone} NS\`.`,
  );
}
