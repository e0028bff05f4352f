import type { DnsRecord } from "../records/index.ts";

/** A record that a stack publishes. */
export interface WantedRecord {
  /** The name of its resource in the stack. @example "example.org-zone-mx" */
  readonly resource: string;
  /** Where the stack file describes its owner. @example "maildomain:domains[0]" */
  readonly settings: string;
  /** Its content is `null` as long as the key that it is made from does not exist. */
  readonly record: DnsRecord<string | null>;
  /** Of an SPF policy: look-ups that the policies which it includes are known to cause. @default 0 */
  readonly includedLookups?: number | undefined;
}

/**
 * Only a domain that has mail has settings for its policies: one without, and a server's own name, have fixed ones.
 *
 * @param settings - where the stack file describes the owner of a record
 */
export function isOfDomain(settings: string): boolean {
  return settings.startsWith("maildomain:domains[");
}
