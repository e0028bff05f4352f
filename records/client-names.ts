import {
  type ClientLabel,
  type ClientService,
  clientLabelOf,
  clientServices,
  serviceNames,
  services,
} from "./service.ts";
import type { ServicePlaces } from "./srv.ts";

/** The names by which a domain's clients reach its services. */
export interface ClientNames {
  readonly incoming: { readonly imap: string; readonly pop3: string };
  readonly outgoing: string;
}

/** A port for each service, 1 to 65535; one that is missing is off. */
export type ServicePorts = Readonly<Partial<Record<ClientService, number | undefined>>>;

/** Labels of the names that clients are set up with; `mail` is what people try first. */
export const clientLabels: readonly string[] = [
  "mail",
  ...new Set(serviceNames.flatMap((name) => services[name].clients?.label ?? [])),
];

/** Every name that a domain's clients are set up with, known before the domain is declared. */
export function clientNamesOf(domain: string): string[] {
  return clientLabels.map((label) => `${label}.${domain}`);
}

/** The name that a domain's clients are set up with for each protocol. */
export function clientNames(domain: string): ClientNames {
  const named = (label: ClientLabel): string => `${label}.${domain}`;
  return { incoming: { imap: named("imap"), pop3: named("pop3") }, outgoing: named("smtp") };
}

/** The one of these names by which clients reach a service. */
export function clientNameFor(service: ClientService, { incoming, outgoing }: ClientNames): string {
  return { ...incoming, smtp: outgoing }[clientLabelOf(service)];
}

/** Where each service of a domain is; none where it has no port. */
export function locateServices(domain: string, ports: ServicePorts): ServicePlaces {
  const names = clientNames(domain);
  const places = clientServices.flatMap((service) => {
    const port = ports[service];
    return port === undefined ? [] : [[service, { host: clientNameFor(service, names), port }]];
  });
  return Object.fromEntries(places);
}
