/** Where a stack's servers are reached: names, addresses, ports. */
import { isIPv6 } from "node:net";
import type { ClientNames } from "../clients/description.ts";
import type { ServicePorts } from "../components/mail-domain.ts";
import type { HostAddresses } from "../records/index.ts";
import type { StackSettings } from "./config.ts";

/** The mail server's own name: declared, or `mail.` and the first domain. */
export function serverHostName({ hostName, domains }: StackSettings): string {
  return hostName ?? `mail.${domains[0]?.name}`;
}

/** Where others reach the stack's servers. */
export function publicAddresses({ address, publicAddresses: declared }: StackSettings): HostAddresses {
  return declared ?? (isIPv6(address) ? { ipv6: address } : { ipv4: address });
}

/** The port of each service that is on. */
export function servicePorts({ ports, legacyPorts }: StackSettings): ServicePorts {
  const { submission, submissions, imaps, pop3s, imap, pop3 } = ports;
  return { submission, submissions, imaps, pop3s, ...(legacyPorts ? { imap, pop3 } : {}) };
}

/** The names that a domain's clients are set up with. */
export function clientNames(domain: string): ClientNames {
  return { incoming: { imap: `imap.${domain}`, pop3: `pop3.${domain}` }, outgoing: `smtp.${domain}` };
}
