import { isIPv6 } from "node:net";
import { reportAuthorizationRecord } from "./dmarc.ts";
import { dsRecord } from "./ds.ts";
import { isLocalAddress, ptrRecord } from "./ptr.ts";
import type { DnsRecord } from "./record.ts";

/** A record in a zone that is somebody else's: a person has to ask for it. */
export interface Instruction<Content = string> {
  /** Whom to ask, for what: the sentence that stands before the record. */
  readonly text: string;
  readonly record: DnsRecord<Content>;
}

/**
 * The reverse names of a server's addresses: hardly ever is their zone one's own.
 *
 * @returns nothing for addresses that only this machine or network knows.
 */
export function ptrInstructions(
  hostName: string,
  ttl: number,
  addresses: Iterable<string | undefined>,
): Instruction[] {
  return [...addresses]
    .filter((address) => address !== undefined && !isLocalAddress(address))
    .map((address = "") => ({
      text: `Ask the provider of ${address} to set its reverse name to ${hostName}`,
      record: ptrRecord(address, hostName, ttl),
    }));
}

/** @param receivers - other organizations' domains, in none of our zones, that get the reports. */
export function reportInstructions(domain: string, ttl: number, receivers: readonly string[]): Instruction[] {
  return receivers.map((receiver) => ({
    text: `Ask whoever holds ${receiver} to allow the DMARC reports about ${domain}${
      maySharePolicies(domain, receiver)
        ? " (not needed if both are of one organization by RFC 9989 section 4.10.2, for which the DNS was not asked)"
        : ""
    }`,
    record: reportAuthorizationRecord(domain, receiver, ttl),
  }));
}

/** Whether both are below one name that is not a top-level domain. */
function maySharePolicies(domain: string, other: string): boolean {
  const shared = (name: string) => name.split(".").slice(-2).join(".");
  return shared(domain) === shared(other);
}

export function dsInstruction<Content>(zone: string, ttl: number, ds: Content): Instruction<Content> {
  const text = `Have the registrar of ${zone} publish its key in the parent zone, where it is a public domain`;
  return { text, record: dsRecord(zone, ttl, ds) };
}

/** A server whose name is in somebody else's zone. */
export function foreignInstruction<Content>(record: DnsRecord<Content>): Instruction<Content> {
  return { text: `Ask whoever holds the zone of ${record.name} for this record: ${record.why}`, record };
}

/** The addresses of A and AAAA records, IPv4 first. */
export function addressesOf(
  records: readonly { readonly type: string; readonly content: string }[],
): string[] {
  return records
    .filter(({ type }) => type === "A" || type === "AAAA")
    .map(({ content }) => content)
    .sort((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)));
}
