import type { DnsRecord } from "./record.ts";

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
  return `${priority} ${weight} ${port} ${target}`;
}

export function parseSrv(content: string): Srv {
  const match = /^(\d{1,5})\s+(\d{1,5})\s+(\d{1,5})\s+(\S+)$/.exec(content);
  if (match === null) throw new Error(`"${content}" is no SRV record`);
  const [priority = 0, weight = 0, port = 0] = match.slice(1, 4).map(Number);
  if (Math.max(priority, weight, port) > 65_535) throw new Error(`"${content}" is no SRV record`);
  const target = match[4] ?? "";
  return { priority, weight, port, target: target === "." ? "." : target.replace(/\.$/, "").toLowerCase() };
}

/** The services that mail clients look for (RFC 6186; RFC 8314 section 5.1 for `submissions`). */
export const MailService = {
  submissions: "submissions",
  submission: "submission",
  imaps: "imaps",
  imap: "imap",
  pop3s: "pop3s",
  pop3: "pop3",
} as const;
export type MailService = (typeof MailService)[keyof typeof MailService];

/** Where each service is; one that is missing is off, and the records say so. */
export type MailServices = Readonly<
  Partial<Record<MailService, { readonly host: string; readonly port: number }>>
>;

/** One record a service, so that a client neither guesses nor tries ports that are closed. */
export function serviceRecords(domain: string, ttl: number, services: MailServices): DnsRecord[] {
  return Object.values(MailService).map((service) => {
    const place = services[service];
    const srv =
      place === undefined ? noService : { priority: 0, weight: 1, port: place.port, target: place.host };
    return {
      role: `srv-${service}`,
      name: `_${service}._tcp.${domain}`,
      type: "SRV",
      ttl,
      content: formatSrv(srv),
      why:
        place === undefined
          ? `Says that ${domain} has no ${service} service (RFC 6186)`
          : `Tells clients where the ${service} service of ${domain} is (RFC 6186)`,
    };
  });
}
