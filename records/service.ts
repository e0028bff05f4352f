/**
 * The services that a stack offers: one table, and every other place derives from it. A row is keyed by the service's
 * name (RFC 6335): the settings' `ports`, the outputs and the SRV records call it so.
 */

/** What is fixed about a service, whichever server offers it. */
export interface ServiceFacts {
  /** For people who choose ports. */
  readonly description: string;
  /** The port in its container, and on the host unless the settings move it. 1 to 65535. */
  readonly port: number;
  /** Another port for the host, where the usual one is in use. */
  readonly alternative: number;
  readonly transports: readonly Transport[];
  readonly protocol: Protocol;
  readonly tls: Tls;
  /** `users` log in with their password. */
  readonly audience: "users" | "servers" | "everyone";
  /** Whose container opens the port. */
  readonly server: "mail" | "dns" | "web";
  /** Closed unless `legacyPorts` is true. */
  readonly legacy?: true;
  /** What clients find it by. */
  readonly clients?: {
    /** The host's name is this label and the domain. */
    readonly label: ClientLabel;
    /** Where its SRV record is defined. */
    readonly srv: string;
  };
}

export type Transport = "tcp" | "udp";
export type ClientLabel = "smtp" | "imap" | "pop3";

/** What each protocol is called. */
export const protocolNames = {
  dns: "DNS",
  smtp: "SMTP",
  imap: "IMAP",
  pop3: "POP3",
  managesieve: "ManageSieve",
  http: "HTTP",
} as const;
export type Protocol = keyof typeof protocolNames;

/** What people know each kind of TLS by; `TLS` is from the first byte (RFC 8314). */
export const tlsNames = { implicit: "TLS", starttls: "STARTTLS", none: undefined } as const;
export type Tls = keyof typeof tlsNames;

// The order of the rows is that of the ports of a container, whose change replaces it.
const table = {
  dns: {
    description: "DNS, over UDP and TCP.",
    port: 53,
    alternative: 5353,
    transports: ["udp", "tcp"],
    protocol: "dns",
    tls: "none",
    audience: "everyone",
    server: "dns",
  },
  smtp: {
    description: "SMTP from other servers.",
    port: 25,
    alternative: 2525,
    transports: ["tcp"],
    protocol: "smtp",
    tls: "starttls",
    audience: "servers",
    server: "mail",
  },
  submission: {
    description: "Submission by clients, STARTTLS (RFC 6409).",
    port: 587,
    alternative: 2587,
    transports: ["tcp"],
    protocol: "smtp",
    tls: "starttls",
    audience: "users",
    server: "mail",
    clients: { label: "smtp", srv: "RFC 6186 3.1" },
  },
  submissions: {
    description: "Submission by clients over TLS (RFC 8314).",
    port: 465,
    alternative: 2465,
    transports: ["tcp"],
    protocol: "smtp",
    tls: "implicit",
    audience: "users",
    server: "mail",
    clients: { label: "smtp", srv: "RFC 8314 5.1" },
  },
  imaps: {
    description: "IMAP over TLS.",
    port: 993,
    alternative: 2993,
    transports: ["tcp"],
    protocol: "imap",
    tls: "implicit",
    audience: "users",
    server: "mail",
    clients: { label: "imap", srv: "RFC 6186 3.2" },
  },
  pop3s: {
    description: "POP3 over TLS.",
    port: 995,
    alternative: 2995,
    transports: ["tcp"],
    protocol: "pop3",
    tls: "implicit",
    audience: "users",
    server: "mail",
    clients: { label: "pop3", srv: "RFC 6186 3.3" },
  },
  imap: {
    description: "IMAP with STARTTLS; closed unless `legacyPorts` is true.",
    port: 143,
    alternative: 2143,
    transports: ["tcp"],
    protocol: "imap",
    tls: "starttls",
    audience: "users",
    server: "mail",
    legacy: true,
    clients: { label: "imap", srv: "RFC 6186 3.2" },
  },
  pop3: {
    description: "POP3 with STARTTLS; closed unless `legacyPorts` is true.",
    port: 110,
    alternative: 2110,
    transports: ["tcp"],
    protocol: "pop3",
    tls: "starttls",
    audience: "users",
    server: "mail",
    legacy: true,
    clients: { label: "pop3", srv: "RFC 6186 3.3" },
  },
  sieve: {
    description: "ManageSieve with STARTTLS (RFC 5804): users' own rules.",
    port: 4190,
    alternative: 5190,
    transports: ["tcp"],
    protocol: "managesieve",
    tls: "starttls",
    audience: "users",
    server: "mail",
    clients: { label: "imap", srv: "RFC 5804 1.8" },
  },
  http: {
    description: "HTTP, where there is a web server; leads to HTTPS.",
    port: 80,
    alternative: 8080,
    transports: ["tcp"],
    protocol: "http",
    tls: "none",
    audience: "everyone",
    server: "web",
  },
  https: {
    description: "HTTPS, where there is a web server; MTA-STS works on 443 only.",
    port: 443,
    alternative: 8443,
    transports: ["tcp"],
    protocol: "http",
    tls: "implicit",
    audience: "everyone",
    server: "web",
  },
} as const satisfies Readonly<Record<string, ServiceFacts>>;

export type ServiceName = keyof typeof table;

export const services: Readonly<Record<ServiceName, ServiceFacts>> = table;

/** The names of the services whose row is of this form. */
type Named<Facts> = {
  [Name in ServiceName]: (typeof table)[Name] extends Facts ? Name : never;
}[ServiceName];

export type MailService = Named<{ server: "mail" }>;
export type WebService = Named<{ server: "web" }>;
/** What is closed unless `legacyPorts` is true. */
export type LegacyService = Named<{ legacy: true }>;
/** What clients look for by name, or by an SRV record. */
export type ClientService = Named<{ clients: object }>;

export const serviceNames = Object.keys(table) as ServiceName[];

export const mailServices = serviceNames.filter(
  (name): name is MailService => services[name].server === "mail",
);
export const webServices = serviceNames.filter((name): name is WebService => services[name].server === "web");
export const legacyServices = serviceNames.filter((name): name is LegacyService => isLegacy(name));
/** Open on every mail server. */
export const standardMailServices = mailServices.filter(
  (name): name is Exclude<MailService, LegacyService> => !isLegacy(name),
);

/**
 * The best choice of each protocol first: TLS from the first byte comes before STARTTLS (RFC 8314 section 3), and IMAP
 * before POP3.
 */
export const clientServices: readonly ClientService[] = preferred(serviceNames.filter(isForClients));

function preferred<Name extends ServiceName>(names: readonly Name[]): Name[] {
  const byProtocol = Map.groupBy(names, (name) => services[name].protocol);
  const starttlsLast = (name: Name): number => (services[name].tls === "implicit" ? 0 : 1);
  return [...byProtocol.values()].flatMap((same) =>
    same.toSorted((one, other) => starttlsLast(one) - starttlsLast(other)),
  );
}

/** The label of the host that clients of a domain use for the service. */
export function clientLabelOf(name: ClientService): ClientLabel {
  return table[name].clients.label;
}

/** Where the service's SRV record is defined. */
export function srvStandardOf(name: ClientService): string {
  return table[name].clients.srv;
}

export function isForClients(name: ServiceName): name is ClientService {
  return services[name].clients !== undefined;
}

export function isLegacy(name: ServiceName): boolean {
  return services[name].legacy === true;
}

/** The mail server's services that are on. */
export function openMailServices(legacyPorts: boolean): readonly MailService[] {
  return legacyPorts ? mailServices : standardMailServices;
}

/** The service that has a port in its container; none where the table knows no such port. */
export function serviceAt(port: number, transport: Transport = "tcp"): ServiceName | undefined {
  return serviceNames.find(
    (name) => services[name].port === port && services[name].transports.includes(transport),
  );
}

/** The port in its container for what comes by the PROXY protocol from load balancers. */
export function proxiedPort(name: MailService): number {
  return services[name].port + 20_000;
}

/** The service that has such a port. */
export function proxiedServiceAt(port: number): MailService | undefined {
  return mailServices.find((name) => proxiedPort(name) === port);
}

/** What people know a service by. @example "IMAP (TLS)", "SMTP from other servers" */
export function serviceTitle(name: ServiceName): string {
  const { protocol, tls, audience } = services[name];
  if (audience === "servers") return `${protocolNames[protocol]} from other servers`;
  const security = tlsNames[tls];
  return security === undefined ? protocolNames[protocol] : `${protocolNames[protocol]} (${security})`;
}

/** A value for each of these services, in their order. */
export function byService<Name extends ServiceName, Value>(
  names: readonly Name[],
  choose: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, choose(name)])) as Record<Name, Value>;
}
