import type { DockerEngine } from "../../engine/docker-engine.ts";
import { proxiedAddresses, type RunningStack } from "../../outputs/running-stack.ts";
import {
  boundAddresses,
  mailServices,
  serviceAddresses,
  serviceNames,
  socketAddress,
} from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";

/** Nothing but what the stack declares is reachable from outside the containers. */
export function publishedPortsCheck({ containers, endpoint }: RunningStack, engine: DockerEngine): Check {
  return {
    id: "ports.published",
    group: "Containers",
    title: "only the declared ports are published",
    why: "Each additional port is one more way in, such as an administration interface.",
    remedy: "Run `npm run up`, which recreates the containers as declared.",
    run: async () => {
      const states = await Promise.all(
        Object.values(containers).flatMap((name) => (name ? engine.inspect(name) : [])),
      );
      const published = states.flatMap(({ NetworkSettings: { Ports } }) =>
        Object.values(Ports).flatMap((bindings) => bindings ?? []),
      );
      const { ports, proxyProtocol } = endpoint;
      const declared = [...Object.values(ports), ...Object.values(proxyProtocol?.ports ?? {})].filter(
        (port) => port !== undefined,
      );
      const surplus = published.flatMap(({ HostIp, HostPort }) => {
        if (!declared.includes(Number(HostPort))) return [HostPort];
        return isDeclaredAt(HostIp, Number(HostPort), endpoint)
          ? []
          : [socketAddress({ host: HostIp, port: Number(HostPort) })];
      });
      return surplus.length === 0
        ? ok(declared.toSorted((a, b) => a - b).join(", "))
        : failed(
            `also ${[...new Set(surplus)].join(", ")}`,
            "Remove the port from the container and run `npm run up`.",
          );
    },
  };
}

/** Where services have addresses of their own, another one of the host's may be open to others than it is meant for. */
function isDeclaredAt(address: string, port: number, endpoint: RunningStack["endpoint"]): boolean {
  const { addresses, ports, proxyProtocol } = endpoint;
  if (addresses === undefined && proxyProtocol?.address === undefined) return true;
  const own = serviceNames
    .filter((service) => ports[service] === port)
    .flatMap((service) => serviceAddresses(endpoint, service));
  const proxied = mailServices
    .filter((service) => proxyProtocol?.ports[service] === port)
    .flatMap((service) => proxiedAddresses(endpoint, service));
  return [...own, ...proxied].flatMap(boundAddresses).includes(address);
}
