import { addressRecords, type HostAddresses } from "./address.ts";
import { caaRecords } from "./caa.ts";
import { dkimRecord } from "./dkim.ts";
import { type Dmarc, dmarcRecord, reportAuthorizationRecord } from "./dmarc.ts";
import { silentHostRecords } from "./lock-down.ts";
import { type MtaStsPolicy, mtaStsRecord } from "./mta-sts.ts";
import { mxRecord } from "./mx.ts";
import { isWithin } from "./name.ts";
import type { DnsRecord } from "./record.ts";
import { hostOnly, type Spf, spfRecord } from "./spf.ts";
import { type MailServices, serviceRecords } from "./srv.ts";
import { tlsReportingRecord } from "./tls-rpt.ts";
import { type ServerKeys, tlsaRecords } from "./tlsa.ts";

/** What the records of one domain follow from. */
export interface DomainDescription<KeyContent = string> {
  /** Lower case, A-labels, no trailing dot. */
  readonly domain: string;
  /** Time to live of every record, in seconds. */
  readonly ttl: number;
  /** The mail server's own name; its records belong to the domain it lies in. */
  readonly hostName: string;
  readonly addresses: HostAddresses;
  /** Labels below the domain by which clients reach the server, such as `imap`. */
  readonly clientLabels: readonly string[];
  /** Where clients find each service; what is missing is off. */
  readonly services: MailServices;
  readonly spf: Spf;
  /** One entry a signing key, with its record's text. */
  readonly dkim: readonly { readonly selector: string; readonly content: KeyContent }[];
  readonly dmarc: Dmarc;
  /** Domains whose DMARC reports come to an address of this one. */
  readonly reportsFor?: readonly string[] | undefined;
  /** Where reports on TLS go; none when there is no such address. */
  readonly tlsReportAddress?: string | undefined;
  /** The policy that `mta-sts.<domain>` serves already; none when nothing serves it. */
  readonly mtaSts?: MtaStsPolicy | undefined;
  /** The only authorities that may issue certificates; empty when any may. */
  readonly issuers?: readonly string[] | undefined;
  /** The server's TLSA contents; only for a server whose name lies in this zone, and only where that is signed. */
  readonly tlsa?: ServerKeys<KeyContent> | undefined;
}

/**
 * The complete, ordered list of records that a mail domain publishes.
 *
 * Roles and names follow from plain data alone, so that every record is known before any key exists.
 */
export function planRecords<KeyContent = string>(
  description: DomainDescription<KeyContent>,
): DnsRecord<string | KeyContent>[] {
  const { domain, ttl, tlsReportAddress, mtaSts } = description;
  return [
    ...hostRecords(description),
    mxRecord(domain, ttl, { preference: 10, exchange: description.hostName }),
    spfRecord(domain, ttl, description.spf),
    ...description.dkim.map((key) => dkimRecord(domain, ttl, key)),
    dmarcRecord(domain, ttl, description.dmarc),
    ...(description.reportsFor ?? []).map((other) => reportAuthorizationRecord(other, domain, ttl)),
    ...(mtaSts === undefined ? [] : [mtaStsRecord(domain, ttl, mtaSts)]),
    ...(tlsReportAddress === undefined
      ? []
      : [tlsReportingRecord(domain, ttl, { reportAddress: tlsReportAddress })]),
    ...serviceRecords(domain, ttl, description.services),
    ...caaRecords(domain, ttl, description.issuers ?? []),
  ];
}

/** The server where its name lies in this zone, and the names by which clients reach it. */
function hostRecords<KeyContent>(
  description: DomainDescription<KeyContent>,
): DnsRecord<string | KeyContent>[] {
  const { domain, ttl, hostName, addresses, clientLabels } = description;
  const clients = clientLabels
    .map((label) => ({
      role: `host-${label}`,
      name: `${label}.${domain}`,
      why: `Name under which clients find the ${label.toUpperCase()} service`,
    }))
    .filter(({ name }) => name !== hostName)
    .flatMap((host) => [
      ...addressRecords({ ...host, ttl }, addresses),
      ...silentHostRecords(host.role, host.name, ttl),
    ]);
  // A server named in another zone has its records there; two owners of one record would overwrite each other.
  return isWithin(hostName, domain) ? [...serverRecords(description), ...clients] : clients;
}

function serverRecords<KeyContent>({
  hostName,
  ttl,
  addresses,
  tlsa,
}: DomainDescription<KeyContent>): DnsRecord<string | KeyContent>[] {
  const why = "The mail server itself: where the MX points";
  return [
    ...addressRecords({ role: "host", name: hostName, ttl, why }, addresses),
    // Bounces have no sender, and are judged by the server's own name (RFC 7208 section 2.4).
    { ...spfRecord(hostName, ttl, hostOnly), role: "host-spf" },
    ...(tlsa === undefined ? [] : tlsaRecords(hostName, ttl, tlsa)),
  ];
}
