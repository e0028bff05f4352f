import {
  type ClientNames,
  type ClientService,
  clientNameFor,
  type Protocol,
  protocolNames,
  type ServicePorts,
  services,
  tlsNames,
} from "../records/index.ts";

/** A server as a mail client asks for it. */
export interface ServerSetting {
  /** What is spoken there. */
  readonly protocol: "IMAP" | "POP3" | "SMTP";
  /** Its name, which its certificate has. @example "imap.example.org" */
  readonly host: string;
  /** 1 to 65535. @example 993 */
  readonly port: number;
  /** `TLS` from the first byte (RFC 8314), or `STARTTLS` (RFC 3207). */
  readonly security: "TLS" | "STARTTLS";
}

/** What every mail client has a place for; rules by ManageSieve are set up elsewhere, if at all. */
const protocols: Partial<Record<Protocol, ServerSetting["protocol"]>> = {
  smtp: protocolNames.smtp,
  imap: protocolNames.imap,
  pop3: protocolNames.pop3,
};

/**
 * What a client is set up with for each of these services, in their order.
 *
 * @param ports - a service without one is off, and left out.
 */
export function serverSettings(
  wanted: readonly ClientService[],
  names: ClientNames,
  ports: ServicePorts,
): ServerSetting[] {
  return wanted.flatMap((service) => {
    const port = ports[service];
    const protocol = protocols[services[service].protocol];
    const security = tlsNames[services[service].tls];
    if (port === undefined || protocol === undefined || security === undefined) return [];
    return [{ protocol, host: clientNameFor(service, names), port, security }];
  });
}
