import { isIPv4, isIPv6 } from "node:net";
import type { DnsRecord } from "./record.ts";

/** The addresses of one host: at least one of the two. */
export interface HostAddresses {
  /** @example "192.0.2.25" */
  readonly ipv4?: string | undefined;
  /** @example "2001:db8::25" */
  readonly ipv6?: string | undefined;
}

/**
 * A (RFC 1035 section 3.4.1) and AAAA (RFC 3596) records of one host.
 *
 * @param role - role of the A record; the AAAA record's is the same with `-ipv6`.
 */
export function addressRecords(
  host: { readonly role: string; readonly name: string; readonly ttl: number; readonly why: string },
  addresses: HostAddresses,
): DnsRecord[] {
  const { role, ...rest } = host;
  const records: DnsRecord[] = [];
  if (addresses.ipv4 === undefined && addresses.ipv6 === undefined) {
    throw new Error(`${host.name} has no address: write ipv4, ipv6 or both`);
  }
  if (addresses.ipv4 !== undefined) {
    if (!isIPv4(addresses.ipv4)) throw new Error(`"${addresses.ipv4}" is not a valid IPv4 address`);
    records.push({ role, type: "A", content: addresses.ipv4, ...rest });
  }
  if (addresses.ipv6 !== undefined) {
    records.push({ role: `${role}-ipv6`, type: "AAAA", content: canonicalIPv6(addresses.ipv6), ...rest });
  }
  return records;
}

/** Where a machine reaches itself: an address that stands for all of its own cannot be connected to. */
export function connectableAddress(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

/** The one spelling of an IPv6 address (RFC 5952), so that equal addresses never differ as text. */
export function canonicalIPv6(address: string): string {
  if (!isIPv6(address) || address.includes("%")) throw new Error(`"${address}" is not a valid IPv6 address`);
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
