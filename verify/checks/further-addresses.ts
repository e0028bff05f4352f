import { type RunningStack, reachableAddresses } from "../../outputs/running-stack.ts";
import { isServedHere } from "../../publishers/declared-zone.ts";
import type { ServiceName } from "../../records/index.ts";
import type { Check } from "../check.ts";
import { resolverAt } from "../probes/dns.ts";
import { authority, type TlsPort } from "../services.ts";
import { dnsRecordChecks } from "./dns-records.ts";
import { certificateCheck, renewals } from "./tls.ts";

/** A port with TLS, of a service. */
export interface NamedPort extends TlsPort {
  readonly name: ServiceName;
}

/**
 * Services that are bound at several addresses of the host: the other checks ask at the first, these at each further one.
 *
 * @param ports - each service under any of its names
 */
export function furtherAddressChecks(running: RunningStack, ports: readonly NamedPort[]): Check[] {
  const each = [...new Map(ports.map((port) => [port.name, port])).values()];
  const further = (service: ServiceName) => reachableAddresses(running, service).slice(1);
  return each.flatMap((port) =>
    further(port.name).map((host): Check => {
      const check = certificateCheck({ ...port, host }, renewals[running.certificateIssuer]);
      const place = authority({ host, port: port.port });
      return { ...check, id: `at.${port.name}.${host}`, title: `${port.name} answers at ${place}` };
    }),
  );
}

/** The same of the stack's own name server. */
export function furtherNameServerChecks(running: RunningStack): Check[] {
  const { endpoint, containers, zones } = running;
  const zone = zones.find(({ publisher: dns }) => isServedHere({ dns }));
  if (zone === undefined || !containers.dnsServer) return [];
  return reachableAddresses(running, "dns")
    .slice(1)
    .flatMap((host) => {
      const place = authority({ host, port: endpoint.ports.dns });
      const [check] = dnsRecordChecks(zone, resolverAt(place));
      return check === undefined
        ? []
        : [{ ...check, id: `at.dns.${host}`, title: `the name server answers at ${place}` }];
    });
}
