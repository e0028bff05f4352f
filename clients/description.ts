import type { ServerSetting } from "./settings.ts";

/** What everybody with a mailbox in a domain sets up, whoever it is. All documents are made from it alone. */
export interface ClientDescription {
  /** A-labels, lower case. @example "vaamonde.pti" */
  readonly domain: string;
  /** The services that are on, at least one, the best choice first. */
  readonly incoming: readonly ServerSetting[];
  /** The services that are on, at least one, the best choice first. */
  readonly outgoing: readonly ServerSetting[];
}

/** The person whose client is set up. */
export interface ClientOwner {
  readonly address: string;
  /** As others see it. */
  readonly name: string;
}

/** The host's port of each service; one that is missing is off. */
export interface ClientPorts {
  readonly submissions?: number | undefined;
  readonly submission?: number | undefined;
  readonly imaps?: number | undefined;
  readonly imap?: number | undefined;
  readonly pop3s?: number | undefined;
  readonly pop3?: number | undefined;
}

/** The names by which a domain's clients reach its services. */
export interface ClientNames {
  readonly incoming: { readonly imap: string; readonly pop3: string };
  readonly outgoing: string;
}

const services = [
  ["submissions", "SMTP", "TLS"],
  ["submission", "SMTP", "STARTTLS"],
  ["imaps", "IMAP", "TLS"],
  ["imap", "IMAP", "STARTTLS"],
  ["pop3s", "POP3", "TLS"],
  ["pop3", "POP3", "STARTTLS"],
] as const;

/** TLS from the first byte comes before STARTTLS (RFC 8314 section 3), and IMAP before POP3. */
export function describeClients(domain: string, names: ClientNames, ports: ClientPorts): ClientDescription {
  const hosts = { SMTP: names.outgoing, IMAP: names.incoming.imap, POP3: names.incoming.pop3 };
  const servers = services.flatMap(([service, protocol, security]): ServerSetting[] => {
    const port = ports[service];
    return port === undefined ? [] : [{ protocol, host: hosts[protocol], port, security }];
  });
  return {
    domain,
    incoming: servers.filter(({ protocol }) => protocol !== "SMTP"),
    outgoing: servers.filter(({ protocol }) => protocol === "SMTP"),
  };
}
