import { normalizeTarget } from "./name.ts";
import type { DnsRecord } from "./record.ts";
import { type ClientService, clientServices, srvStandardOf } from "./service.ts";

/**
 * Where a service is (RFC 2782).
 *
 * @example `0 1 993 imap.example.org`; `0 0 0 .` says that there is none (RFC 6186 section 3.4)
 */
export interface Srv {
  /** 0 to 65535; the lowest is tried first. */
  readonly priority: number;
  /** 0 to 65535; shares among targets of one priority. */
  readonly weight: number;
  /** 0 to 65535. */
  readonly port: number;
  /** A host name with an address of its own, or `.` for none. */
  readonly target: string;
}

export const noService: Srv = { priority: 0, weight: 0, port: 0, target: "." };

export function formatSrv({ priority, weight, port, target }: Srv): string {
  for (const number of [priority, weight, port]) {
    if (!Number.isInteger(number) || number < 0 || number > 65_535) {
      throw new Error(`${number} in an SRV record is not between 0 and 65535`);
    }
  }
  // No client can reach port 0; it is allowed only where there is nothing to reach (RFC 6186 section 3.4).
  if (port === 0 && target !== ".") throw new Error(`the SRV record of ${target} has port 0`);
  return `${priority} ${weight} ${port} ${normalizeTarget(target)}`;
}

export function parseSrv(content: string): Srv {
  const match = /^(\d{1,5})\s+(\d{1,5})\s+(\d{1,5})\s+(\S+)$/.exec(content);
  if (match === null) throw new Error(`"${content}" is not a valid SRV record`);
  const [priority = 0, weight = 0, port = 0] = match.slice(1, 4).map(Number);
  if (Math.max(priority, weight, port) > 65_535) throw new Error(`"${content}" is not a valid SRV record`);
  return { priority, weight, port, target: normalizeTarget(match[4] ?? "") };
}

/** Where a service answers. */
export interface ServicePlace {
  /** A host name with an address of its own. @example "imap.example.org" */
  readonly host: string;
  /** 1 to 65535. @example 993 */
  readonly port: number;
}

/** Where each service is; one that is missing is off, and the records say so. */
export type ServicePlaces = Readonly<Partial<Record<ClientService, ServicePlace | undefined>>>;

/** One record per service, so that a client neither guesses nor tries ports that are closed. */
export function serviceRecords(domain: string, ttl: number, places: ServicePlaces): DnsRecord[] {
  return clientServices.map((service) => {
    const place = places[service];
    const why =
      place === undefined
        ? `There is no ${service} service: clients need not try (RFC 6186 3.4)`
        : `Where clients find the ${service} service (${srvStandardOf(service)})`;
    return serviceRecord(domain, ttl, service, place, why);
  });
}

/** Where Outlook asks for the settings, when `autodiscover.<domain>` does not answer by itself. */
export function autodiscoverRecord(domain: string, ttl: number, place: ServicePlace): DnsRecord {
  return serviceRecord(
    domain,
    ttl,
    "autodiscover",
    place,
    "Where Outlook asks for the settings (Autodiscover)",
  );
}

/** Where the DNS says of a service where it is (RFC 2782). @example "_imaps._tcp.example.org" */
export function srvName(service: string, domain: string): string {
  return `_${service}._tcp.${domain}`;
}

function serviceRecord(
  domain: string,
  ttl: number,
  service: string,
  place: ServicePlace | undefined,
  why: string,
): DnsRecord {
  const srv =
    place === undefined ? noService : { priority: 0, weight: 1, port: place.port, target: place.host };
  return {
    role: `srv-${service}`,
    name: srvName(service, domain),
    type: "SRV",
    ttl,
    content: formatSrv(srv),
    why,
  };
}
