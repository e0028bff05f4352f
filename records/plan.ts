import { addressRecords, type HostAddresses } from "./address.ts";
import { dkimRecord } from "./dkim.ts";
import { type Dmarc, dmarcRecord } from "./dmarc.ts";
import { mxRecord } from "./mx.ts";
import { isWithin } from "./name.ts";
import type { DnsRecord } from "./record.ts";
import { type Spf, spfRecord } from "./spf.ts";

/** What the records of one domain follow from. */
export interface DomainDescription<KeyContent = string> {
  /** Lower case, A-labels, no trailing dot. */
  readonly domain: string;
  /** Time to live of every record, in seconds. */
  readonly ttl: number;
  /** The mail server's own name; its address records belong to the domain it lies in. */
  readonly hostName: string;
  readonly addresses: HostAddresses;
  /** Labels below the domain by which clients reach the server, such as `imap`. */
  readonly clientLabels: readonly string[];
  readonly spf: Spf;
  /** One entry a signing key, with its record's text. */
  readonly dkim: readonly { readonly selector: string; readonly content: KeyContent }[];
  readonly dmarc: Dmarc;
}

/**
 * The complete, ordered list of records that a mail domain publishes.
 *
 * Roles and names follow from plain data alone, so that every record is known before any key exists.
 */
export function planRecords<KeyContent = string>(
  description: DomainDescription<KeyContent>,
): DnsRecord<string | KeyContent>[] {
  const { domain, ttl } = description;
  return [
    ...hostRecords(description),
    mxRecord(domain, ttl, { preference: 10, exchange: description.hostName }),
    spfRecord(domain, ttl, description.spf),
    ...description.dkim.map((key) => dkimRecord(domain, ttl, key)),
    dmarcRecord(domain, ttl, description.dmarc),
  ];
}

function hostRecords({
  domain,
  ttl,
  hostName,
  addresses,
  clientLabels,
}: DomainDescription<unknown>): DnsRecord[] {
  const hosts = clientLabels.map((label) => ({
    role: `host-${label}`,
    name: `${label}.${domain}`,
    why: `Name under which clients find the ${label.toUpperCase()} service`,
  }));
  const others = hosts.filter(({ name }) => name !== hostName);
  const server = { role: "host", name: hostName, why: "The mail server itself: where the MX points" };
  // A server named in another zone has its address there; two owners of one record would overwrite each other.
  const owned = isWithin(hostName, domain) ? [server, ...others] : others;
  return owned.flatMap((host) => addressRecords({ ...host, ttl }, addresses));
}
