import { type RunningStack, reachableAddress, type StackDomain } from "../outputs/running-stack.ts";
import {
  type ClientNames,
  clientNameFor,
  isForClients,
  type LegacyService,
  type MailService,
  mailServices,
  policyHost,
  services,
  socketAddress,
} from "../records/index.ts";

/** The protocols that checks speak. */
const protocols = ["smtp", "imap", "pop3", "managesieve"] as const;
export type Protocol = (typeof protocols)[number];

/** How a service is spoken to. */
export interface ServiceShape {
  readonly name: MailService;
  readonly protocol: Protocol;
  readonly security: "implicit" | "starttls";
}

/** A port on which TLS is spoken, at once or after STARTTLS in the protocol. */
export interface TlsPort {
  readonly host: string;
  readonly port: number;
  readonly security: ServiceShape["security"];
  readonly protocol?: Protocol | undefined;
  /** The name that a client of the domain connects to, which the certificate must hold. */
  readonly serverName: string;
  /** What clients are configured to trust, PEM; the authorities that Node.js knows by default. */
  readonly caCertificate?: string | undefined;
}

/** A port on which mail is accepted or served, and how TLS starts there. */
export interface Service extends ServiceShape, TlsPort {
  readonly protocol: Protocol;
}

/** Nothing for a service without TLS, or of a protocol that no check speaks. */
export function shapeOf(name: MailService): ServiceShape | undefined {
  const { protocol: known, tls: security } = services[name];
  const protocol = protocols.find((spoken) => spoken === known);
  return protocol === undefined || security === "none" ? undefined : { name, protocol, security };
}

/** HTTPS under every name that the web server answers to. */
export function webPlacesOf(running: RunningStack): TlsPort[] {
  const { https: port } = running.endpoint.ports;
  if (port === undefined) return [];
  const host = reachableAddress(running, "https");
  const { caCertificate } = running;
  const names = new Set(running.domains.flatMap(webNames));
  return [...names].map((serverName) => ({ host, port, serverName, security: "implicit", caCertificate }));
}

function webNames({ name, web }: StackDomain): string[] {
  if (!web) return [];
  const webmail = web.webmail ? [new URL(web.webmail).hostname] : [];
  return [...web.hostNames, ...(web.policy ? [policyHost(name)] : []), ...webmail];
}

/** The services of the running stack as clients of `domain` reach them. */
export function servicesOf(running: RunningStack, domain: StackDomain): Service[] {
  return mailServices.flatMap((name) => serviceOf(running, domain, name) ?? []);
}

/** One service, or nothing if the stack does not offer it (`imap` and `pop3` without `legacyPorts`). */
export function serviceOf(
  running: RunningStack,
  domain: StackDomain,
  name: MailService,
): Service | undefined {
  const port = running.endpoint.ports[name];
  const shape = shapeOf(name);
  if (port === undefined || shape === undefined) return undefined;
  return {
    ...shape,
    host: reachableAddress(running, name),
    port,
    serverName: serverNameOf(name, running.hostName, domain.clientNames),
    caCertificate: running.caCertificate,
  };
}

function serverNameOf(name: MailService, hostName: string, names: ClientNames): string {
  return isForClients(name) ? clientNameFor(name, names) : hostName;
}

/** Like {@link serviceOf} for a service that every stack offers. */
export function requiredService(
  running: RunningStack,
  domain: StackDomain,
  name: Exclude<MailService, LegacyService>,
): Service {
  const service = serviceOf(running, domain, name);
  if (service === undefined) throw new Error(`The stack publishes no port for ${name}.`);
  return service;
}

/** `127.0.0.1:993`, and `[::1]:993` for IPv6. */
export function authority({ host, port }: Pick<Service, "host" | "port">): string {
  return socketAddress({ host, port });
}
