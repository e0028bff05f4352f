/** Where the services of a stack's servers are bound on the engine's host, as its settings say. */
import {
  type BoundServices,
  mailServices,
  type ServiceName,
  serviceAddresses,
  serviceNames,
} from "../../records/index.ts";
import { type BoundEntry, list, type Partly } from "./written-settings.ts";

/** Where ports are opened unless the settings say otherwise: nobody but the machine itself reaches them. */
export const DEFAULT_ADDRESS = "127.0.0.1";

/** What the settings of a server say of it: at most one of the two. */
export type WrittenAddresses = Partly<{ address: string; addresses: BoundEntry[] }>;

/** The main server's services, and those of the name server and the web server. */
export function boundServices(written: WrittenAddresses): BoundServices {
  return declaredBound(written, serviceNames) ?? { address: DEFAULT_ADDRESS };
}

/** A further server's. @param main - the main server's, where it has none of its own. */
export function furtherBoundServices(written: WrittenAddresses, main: BoundServices): BoundServices {
  const own = declaredBound(written, mailServices);
  if (own === undefined) return main;
  // Who asks for a challenge asks where the server's names lead, as whoever delivers mail.
  return own.addresses === undefined
    ? own
    : { ...own, addresses: { ...own.addresses, http: own.addresses.smtp } };
}

/**
 * Where an authority's questions on port 80 are answered for all servers, except by the web server.
 *
 * @param servers - the further ones.
 */
export function challengeAddresses(
  main: BoundServices,
  servers: readonly WrittenAddresses[],
  web: boolean,
): string[] {
  const own = serviceAddresses(main, "http");
  const further = servers.flatMap((server) => serviceAddresses(furtherBoundServices(server, main), "http"));
  const all = new Set([...own, ...further]);
  if (web) for (const address of own) all.delete(address);
  return [...all];
}

function declaredBound(
  { address, addresses }: NonNullable<WrittenAddresses> = {},
  names: readonly ServiceName[],
): BoundServices | undefined {
  const entries = list(addresses);
  const first = entries.find((entry) => entry?.address !== undefined)?.address ?? address;
  if (first === undefined || entries.length === 0)
    return first === undefined ? undefined : { address: first };
  const bound = names.flatMap((name): [ServiceName, string[]][] => {
    const own = entries.flatMap((entry) =>
      entry?.services === undefined || entry.services.includes(name) ? (entry?.address ?? []) : [],
    );
    return own.length === 0 ? [] : [[name, own]];
  });
  return { address: first, addresses: Object.fromEntries(bound) };
}
