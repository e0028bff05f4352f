import { reachableAddress, type Target, type TargetDomain } from "./target.ts";

export type Protocol = "smtp" | "imap" | "pop3";
export type ServiceName = Exclude<keyof Target["endpoint"]["ports"], "dns" | "https" | "http" | "sieve">;

/** A port on which mail is accepted or served, and how TLS starts there. */
export interface Service {
  readonly name: ServiceName;
  readonly protocol: Protocol;
  readonly security: "implicit" | "starttls";
  readonly host: string;
  readonly port: number;
  /** The name that a client of the domain connects to, which the certificate must hold. */
  readonly serverName: string;
  /** What clients are configured to trust, PEM; the authorities that Node.js knows by default. */
  readonly caCertificate?: string | undefined;
}

const shapes: Record<ServiceName, Pick<Service, "protocol" | "security">> = {
  smtp: { protocol: "smtp", security: "starttls" },
  submission: { protocol: "smtp", security: "starttls" },
  submissions: { protocol: "smtp", security: "implicit" },
  imaps: { protocol: "imap", security: "implicit" },
  pop3s: { protocol: "pop3", security: "implicit" },
  imap: { protocol: "imap", security: "starttls" },
  pop3: { protocol: "pop3", security: "starttls" },
};

/** The services of the target as clients of `domain` reach them, in the order of the course exercise's table. */
export function servicesOf(target: Target, domain: TargetDomain): Service[] {
  return (Object.keys(shapes) as ServiceName[]).flatMap((name) => serviceOf(target, domain, name) ?? []);
}

/** One service, or nothing if the stack does not offer it (`imap` and `pop3` without `legacyPorts`). */
export function serviceOf(target: Target, domain: TargetDomain, name: ServiceName): Service | undefined {
  const port = target.endpoint.ports[name];
  if (port === undefined) return undefined;
  return {
    ...shapes[name],
    name,
    host: reachableAddress(target),
    port,
    serverName: serverNameOf(target, domain, name),
    caCertificate: target.caCertificate,
  };
}

function serverNameOf(target: Target, domain: TargetDomain, name: ServiceName): string {
  switch (shapes[name].protocol) {
    case "imap":
      return domain.clientNames.incoming.imap;
    case "pop3":
      return domain.clientNames.incoming.pop3;
    case "smtp":
      return name === "smtp" ? target.hostName : domain.clientNames.outgoing;
  }
}

/** Like {@link serviceOf} for a service that every stack offers. */
export function requiredService(
  target: Target,
  domain: TargetDomain,
  name: Exclude<ServiceName, "imap" | "pop3">,
): Service {
  const service = serviceOf(target, domain, name);
  if (service === undefined) throw new Error(`The stack publishes no port for ${name}.`);
  return service;
}

/** `127.0.0.1:993`, and `[::1]:993` for IPv6. */
export function authority({ host, port }: Pick<Service, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
