/** A stack's mail servers: the main one, and further ones with domains of their own. */
import { isIPv6 } from "node:net";
import { furtherMailServer, ServerRole } from "../../naming/servers.ts";
import {
  type BoundServices,
  byService,
  clientServices,
  type HostAddresses,
  isLegacy,
  legacyServices,
  type MailService,
  mailServices,
  type ServicePorts,
  serviceAddresses,
  standardMailServices,
} from "../../records/index.ts";
import type { FormerHostName } from "../../stages/former-host-names.ts";
import { boundServices, furtherBoundServices } from "../schema/bound-services.ts";
import type { DomainSettings, StackSettings } from "../schema/config.ts";

/** One mail server as the settings declare it. */
export interface DeclaredServer {
  /** Its resource's name, unique in the stack, by which its volumes and its place are known. */
  readonly name: string;
  /** Where its settings are: nothing for the main one, whose keys are the stack's own. @example "servers[0]." */
  readonly path: string;
  /** Its own name, to which the MX records of its domains point. */
  readonly hostName: string;
  /** Where its ports are opened on the Docker host; the main one's, where those of the other servers are as well. */
  readonly bound: BoundServices;
  /** Where others reach it. */
  readonly addresses: HostAddresses;
  /** Of all its services, whether they are open or not. */
  readonly ports: Readonly<Record<MailService, number>>;
  /** Further ports for load balancers. */
  readonly proxyProtocol: StackSettings["proxyProtocol"];
  readonly domains: readonly DomainSettings[];
  /** The keys that are made for it, where they are declared: see `keysOf`. */
  readonly keys: StackSettings["serverKeys"];
}

/** Names that mail servers had before, whose records stay, by the servers' own {@link DeclaredServer.name}. */
export type FormerHostNames = ReadonlyMap<string, readonly FormerHostName[]>;

/** The main server first; every domain belongs to exactly one. */
export function serversOf(settings: StackSettings): [DeclaredServer, ...DeclaredServer[]] {
  const elsewhere = new Set(settings.servers.flatMap(({ domains }) => domains));
  const main = {
    name: ServerRole.mailServer,
    path: "",
    hostName: serverHostName(settings),
    bound: boundServices(settings),
    addresses: publicAddresses(settings),
    ports: byService(mailServices, (service) => settings.ports[service]),
    proxyProtocol: settings.proxyProtocol,
    domains: settings.domains.filter(({ name }) => !elsewhere.has(name)),
    keys: settings.serverKeys,
  };
  const further = settings.servers.map((server, index) => {
    const { hostName, address, addresses } = server;
    const bound = furtherBoundServices(server, main.bound);
    const isOwn = address !== undefined || addresses !== undefined;
    return {
      name: furtherMailServer(server.name ?? hostName),
      path: `servers[${index}].`,
      hostName,
      bound,
      addresses: server.publicAddresses ?? (isOwn ? literal(bound.address) : publicAddresses(settings)),
      ports: server.ports,
      proxyProtocol: server.proxyProtocol,
      domains: settings.domains.filter(({ name }) => server.domains.includes(name)),
      keys: server.serverKeys,
    };
  });
  return [main, ...further];
}

/** The server that has a domain's mail. */
export function serverOf(domain: string, settings: StackSettings): DeclaredServer {
  const servers = serversOf(settings);
  const [main] = servers;
  return servers.find(({ domains }) => domains.some(({ name }) => name === domain)) ?? main;
}

/** The main server's own name: declared, or `mail.` and the first domain. */
function serverHostName({ hostName, domains }: StackSettings): string {
  return hostName ?? `mail.${domains[0]?.name}`;
}

/** Where others reach the main server, and the stack's name server. */
export function publicAddresses(settings: StackSettings): HostAddresses {
  return settings.publicAddresses ?? literal(boundServices(settings).address);
}

/** Where the stack's own name server answers on the host, at each of its addresses. */
export function nameServerPlaces(settings: StackSettings): readonly string[] {
  return serviceAddresses(boundServices(settings), "dns");
}

/** A server's ports, without those that only `legacyPorts` opens. */
export function openPorts(
  { ports }: Pick<DeclaredServer, "ports">,
  { legacyPorts }: Pick<StackSettings, "legacyPorts">,
) {
  return {
    ...byService(standardMailServices, (service) => ports[service]),
    ...(legacyPorts ? byService(legacyServices, (service) => ports[service]) : {}),
  };
}

/** The port of each service for clients that is on. */
export function servicePorts(
  { ports }: Pick<DeclaredServer, "ports">,
  { legacyPorts }: Pick<StackSettings, "legacyPorts">,
): ServicePorts {
  const open = clientServices.filter((service) => legacyPorts || !isLegacy(service));
  return byService(open, (service) => ports[service]);
}

function literal(address: string): HostAddresses {
  return isIPv6(address) ? { ipv6: address } : { ipv4: address };
}
