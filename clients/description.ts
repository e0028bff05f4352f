import { type ClientNames, clientServices, type ServicePorts } from "../records/index.ts";
import { type ServerSetting, serverSettings } from "./server-setting.ts";

/** What everybody with a mailbox in a domain sets up, whoever it is. All documents are made from it alone. */
export interface ClientDescription {
  /** A-labels, lower case. @example "vaamonde.pti" */
  readonly domain: string;
  /**
   * The services that are on, at least one, the best choice first.
   *
   * @example [{ protocol: "IMAP", host: "imap.example.org", port: 993, security: "TLS" }]
   */
  readonly incoming: readonly ServerSetting[];
  /**
   * The services that are on, at least one, the best choice first.
   *
   * @example [{ protocol: "SMTP", host: "smtp.example.org", port: 465, security: "TLS" }]
   */
  readonly outgoing: readonly ServerSetting[];
}

/** The person whose client is set up. */
export interface ClientOwner {
  readonly address: string;
  /** As others see it. */
  readonly name: string;
}

export function describeClients(domain: string, names: ClientNames, ports: ServicePorts): ClientDescription {
  const servers = serverSettings(clientServices, names, ports);
  return {
    domain,
    incoming: servers.filter(({ protocol }) => protocol !== "SMTP"),
    outgoing: servers.filter(({ protocol }) => protocol === "SMTP"),
  };
}
