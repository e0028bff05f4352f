/** Ports of the host that the stack will open: found taken before anything is created. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, isIPv6 } from "node:net";
import { localSocket } from "../../engine/address.ts";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { ServerRole } from "../../naming/servers.ts";
import { isServedHere } from "../../publishers/declared-zone.ts";
import {
  boundAddresses,
  byService,
  isSameAddress,
  proxiedBound,
  type ServiceName,
  serviceAddresses,
  serviceNames,
  services,
  type Transport,
  webServices,
} from "../../records/index.ts";
import { acmeSettings, agentAddresses } from "../program/acme-settings.ts";
import { type DeclaredServer, openPorts, serversOf } from "../program/servers.ts";
import { servesWeb } from "../program/web.ts";
import { boundServices } from "../schema/bound-services.ts";
import type { StackSettings } from "../schema/config.ts";

/** A port that the stack opens, with the setting that moves it. */
export interface OpenedPort {
  readonly setting: string;
  /** The name of the server that opens it. */
  readonly server: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: Transport;
}

/** Every port that a stack opens on the Docker host. */
export function openedPorts(settings: StackSettings): OpenedPort[] {
  const { ports, domains, parkedDomains } = settings;
  const servesZones = [...domains, ...parkedDomains].some(isServedHere);
  const main = boundServices(settings);
  const opened = (
    { name: server, path = "", bound = main }: Partial<DeclaredServer> & { readonly name: string },
    of: Partial<Record<ServiceName, number | undefined>>,
  ): OpenedPort[] =>
    serviceNames.flatMap((service) => {
      const port = of[service];
      if (port === undefined) return [];
      const setting = `${path}ports.${service}`;
      return services[service].transports.flatMap((protocol) =>
        serviceAddresses(bound, service)
          .flatMap(boundAddresses)
          .map((address) => ({ setting, server, address, port, protocol })),
      );
    });
  return [
    ...(servesZones ? opened({ name: ServerRole.dnsServer }, { dns: ports.dns }) : []),
    ...serversOf(settings).flatMap((server) => opened(server, openPorts(server, settings))),
    ...serversOf(settings).flatMap(({ proxyProtocol, name, path, bound }) =>
      opened(
        { name, path: `${path}proxyProtocol.`, bound: proxiedBound(bound, proxyProtocol?.address) },
        proxyProtocol?.ports ?? {},
      ),
    ),
    ...(servesWeb(settings)
      ? opened(
          { name: ServerRole.webServer },
          byService(webServices, (service) => ports[service]),
        )
      : []),
    ...(acmeSettings(settings) === undefined
      ? []
      : agentAddresses(settings).flatMap((address) =>
          opened({ name: ServerRole.certificateAgent, bound: { address } }, { http: ports.http }),
        )),
  ];
}

/**
 * The ports that something other than this stack holds, as problems with their paths.
 *
 * @param engine - ports of an engine on another machine cannot be tried from here.
 * @param isOwn - whether a container's name is one of this stack's.
 */
export async function findTakenPorts(
  ports: readonly OpenedPort[],
  engine: DockerEngine,
  isOwn: (containerName: string) => boolean,
): Promise<string[]> {
  if (localSocket(engine.host) === undefined) return [];
  const tried = await Promise.all(ports.map(async (port) => ({ port, taken: await isTaken(port) })));
  const taken = tried.filter((result) => result.taken).map(({ port }) => port);
  if (taken.length === 0) return [];
  const publishers = await listPublishers(engine);
  const problems = taken.flatMap(({ setting, address, port, protocol }) => {
    const holder = publishers.find(({ ports: published }) =>
      [...published].some((held) => {
        const [host = "", what] = held.split(" ");
        return what === `${port}/${protocol}` && isSameAddress(host, address);
      }),
    )?.name;
    if (holder !== undefined && isOwn(holder)) return [];
    const who = holder === undefined ? "another program" : `the container ${holder}`;
    return [
      `${setting}: port ${port} on ${address} is already used by ${who}: stop it, or set ${setting} to a free port`,
    ];
  });
  return [...new Set(problems)];
}

/** Whether anything on this machine has the port. */
export async function isTaken({ address, port, protocol }: OpenedPort): Promise<boolean> {
  const failure = protocol === "tcp" ? await tryTcp(address, port) : await tryUdp(address, port);
  if (failure === "EADDRINUSE") return true;
  // Without the right to bind a low port, somebody who answers there is the only sign of its being taken.
  if (failure === "EACCES" && protocol === "tcp") return answers(address, port);
  return false;
}

async function tryTcp(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    // At "::" it would want the port of IPv4 as well.
    server.listen({ host, port, exclusive: true, ipv6Only: isIPv6(host) });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    server.close();
  }
}

async function tryUdp(address: string, port: number): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? { type: "udp6", ipv6Only: true } : { type: "udp4" });
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, "listening");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.close();
  }
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 1000 });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Publisher {
  readonly name: string;
  /** @example "127.0.0.1 53/udp" */
  readonly ports: ReadonlySet<string>;
}

/** Running containers with the host ports that they publish. An engine that does not answer is reported by its provider. */
async function listPublishers(engine: DockerEngine): Promise<Publisher[]> {
  try {
    const containers = await engine.running();
    return containers.map(({ Name, NetworkSettings: { Ports } }) => ({
      name: Name.slice(1),
      ports: new Set(
        Object.entries(Ports).flatMap(([port, bindings]) =>
          (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp} ${HostPort}/${port.split("/")[1]}`),
        ),
      ),
    }));
  } catch {
    return [];
  }
}
