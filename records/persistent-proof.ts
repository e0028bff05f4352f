import type { DnsRecord } from "./record.ts";

/**
 * Names that are proved to an authority for as long as a record of each stands (DNS-PERSIST-01, draft-ietf-acme-dns-persist).
 *
 * @typeParam Content - a record's text that is known later.
 */
export interface PersistentProofs<Content = never> {
  /** The domain's own names that certificates are for, all of them in it. @example ["mail.example.org"] */
  readonly names: readonly string[];
  /**
   * The text of each name's record: the authority and the account, as in a CAA record (RFC 8659 section 4.2).
   *
   * @example "letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1"
   */
  readonly content: string | Content;
}

/** The name where an authority looks. @example "_validation-persist.mail.example.org" */
export function persistentProofName(name: string): string {
  return `_validation-persist.${name}`;
}

/** @param role - of the record; that of a host is its own. */
export function persistentProofRecord<Content>(
  name: string,
  content: string | Content,
  ttl: number,
  role: string,
): DnsRecord<string | Content> {
  const why =
    "This account may have certificates issued for the name as long as this stands (DNS-PERSIST-01)";
  return { role, name: persistentProofName(name), type: "TXT", ttl, content, why };
}

export function persistentProofRecords<Content>(
  domain: string,
  ttl: number,
  { names, content }: PersistentProofs<Content>,
): DnsRecord<string | Content>[] {
  return names.map((name) => {
    const below = name === domain ? "" : `-${name.slice(0, -domain.length - 1)}`;
    return persistentProofRecord(name, content, ttl, `validation-persist${below}`);
  });
}
