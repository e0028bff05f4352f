import { isIP, isIPv4, isIPv6 } from "node:net";
import type { DnsRecord } from "./record.ts";

/**
 * The addresses of one host: at least one of the two.
 *
 * @typeParam Content - an address that is known later. Which families there are decides which records exist.
 */
export interface HostAddresses<Content = never> {
  /** IPv4. @default it has none @example "192.0.2.25" */
  readonly ipv4?: string | Content | undefined;
  /** IPv6. @default it has none @example "2001:db8::25" */
  readonly ipv6?: string | Content | undefined;
}

/**
 * An address in its one spelling.
 *
 * @throws Error where it is none of the family.
 */
export function checkedAddress(family: keyof HostAddresses, address: string): string {
  if (family === "ipv6") return canonicalIPv6(address);
  if (!isIPv4(address)) throw new Error(`"${address}" is not a valid IPv4 address`);
  return address;
}

/**
 * A (RFC 1035 section 3.4.1) and AAAA (RFC 3596) records of one host.
 *
 * @param role - role of the A record; the AAAA record's is the same with `-ipv6`.
 */
export function addressRecords<Content = never>(
  host: { readonly role: string; readonly name: string; readonly ttl: number; readonly why: string },
  { ipv4, ipv6 }: HostAddresses<Content>,
): DnsRecord<string | Content>[] {
  const { role, ...rest } = host;
  const records: DnsRecord<string | Content>[] = [];
  if (ipv4 === undefined && ipv6 === undefined) {
    throw new Error(`${host.name} has no address: write ipv4, ipv6 or both`);
  }
  // One that is known later is checked by whoever waits for it.
  const content = (family: keyof HostAddresses, address: string | Content) =>
    typeof address === "string" ? checkedAddress(family, address) : address;
  if (ipv4 !== undefined) records.push({ role, type: "A", content: content("ipv4", ipv4), ...rest });
  if (ipv6 !== undefined) {
    records.push({ role: `${role}-ipv6`, type: "AAAA", content: content("ipv6", ipv6), ...rest });
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

/** Whether an address leads to other machines than the one that has it (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5). */
export function leadsElsewhere(address: string): boolean {
  return !/^(127\.|0\.0\.0\.0$|::1$|::$)/.test(isIPv6(address) ? canonicalIPv6(address) : address);
}

/** Those that there are of the two. */
export function addressList({ ipv4, ipv6 }: HostAddresses): string[] {
  return [ipv4, ipv6].filter((address) => address !== undefined);
}

/** Whether each address is one of the host's own, however it is spelt. */
export function areAmong(found: readonly string[], own: readonly string[]): boolean {
  const known = new Set(own.map(oneSpelling));
  return found.every((address) => known.has(oneSpelling(address)));
}

function oneSpelling(address: string): string {
  return isIPv6(address) ? canonicalIPv6(address) : address;
}

/** A host and its port as they are written together, an IPv6 address in brackets where a port follows. @param port - of one without. */
export function hostAndPort(written: string, port: number): { readonly host: string; readonly port: number } {
  if (isIPv6(written)) return { host: written, port };
  const [, bracketed, plain = "", own] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(written) ?? [];
  return { host: bracketed ?? plain, port: own === undefined ? port : Number(own) };
}

/** The two written together. @example "[2001:db8::53]:53" */
export function socketAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/**
 * Where a server answers, as `address:port`, an IPv6 address in brackets.
 *
 * @param written - an address, with a port of 1 to 65535 if need be. @param port - of one without.
 * @returns undefined for anything else.
 */
export function serverAddress(written: string, port: number): string | undefined {
  const place = hostAndPort(written, port);
  return isIP(place.host) !== 0 && isPort(place.port) ? socketAddress(place) : undefined;
}
