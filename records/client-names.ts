import { MailService, type MailServices } from "./srv.ts";

/** The names by which a domain's clients reach its services. */
export interface ClientNames {
  readonly incoming: { readonly imap: string; readonly pop3: string };
  readonly outgoing: string;
}

/** A port for each service, 1 to 65535; one that is missing is off. */
export type ServicePorts = Readonly<Partial<Record<MailService, number>>>;

/** Labels of the names that clients are set up with. */
export const clientLabels = ["mail", "smtp", "imap", "pop3"] as const;

/** The name by which clients reach each service. */
const serviceLabels: Readonly<Record<MailService, (typeof clientLabels)[number]>> = {
  submissions: "smtp",
  submission: "smtp",
  imaps: "imap",
  imap: "imap",
  pop3s: "pop3",
  pop3: "pop3",
  sieve: "imap",
};

/** Every name that a domain's clients are set up with, known before the domain is declared. */
export function clientNamesOf(domain: string): string[] {
  return clientLabels.map((label) => `${label}.${domain}`);
}

/** The name that a domain's clients are set up with for each protocol. */
export function clientNames(domain: string): ClientNames {
  const named = (service: MailService): string => `${serviceLabels[service]}.${domain}`;
  return {
    incoming: { imap: named("imaps"), pop3: named("pop3s") },
    outgoing: named("submissions"),
  };
}

/** Where each service of a domain is; none where it has no port. */
export function locateServices(domain: string, ports: ServicePorts): MailServices {
  const places = Object.values(MailService).flatMap((service) => {
    const port = ports[service];
    return port === undefined ? [] : [[service, { host: `${serviceLabels[service]}.${domain}`, port }]];
  });
  return Object.fromEntries(places);
}
