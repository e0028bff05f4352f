import { normalizeName } from "./name.ts";
import type { DnsRecord } from "./record.ts";

/** A name that is decided elsewhere, such as a key that a third party signs with and changes by itself. */
export interface Delegation {
  /** The part before the domain. @example "s1._domainkey" */
  readonly label: string;
  /** The name that decides. @example "s1.domainkey.u42.example.net" */
  readonly target: string;
}

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const targetForm = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\.?$/i;

/** The target in its one spelling; underscores are right here, since a key's name has one (RFC 8552). */
export function formatCname(target: string): string {
  if (!target.includes("_")) return normalizeName(target);
  if (!targetForm.test(target) || target.length > 253) {
    throw new Error(
      `"${target}" is not a valid target of an alias: use a name such as s1.domainkey.example.net`,
    );
  }
  return target.replace(/\.$/, "").toLowerCase();
}

/** @returns the target in its one spelling */
export function parseCname(content: string): string {
  return formatCname(content.trim());
}

/** An alias (RFC 1034 section 3.6.2): no other record may exist at its name, and no MX may name it. */
export function cnameRecord(domain: string, ttl: number, delegation: Delegation): DnsRecord {
  const labels = delegation.label.toLowerCase().split(".");
  if (!labels.every((part) => label.test(part))) {
    throw new Error(
      `"${delegation.label}" is not a valid label below ${domain}: use one such as s1._domainkey`,
    );
  }
  return {
    role: `cname-${labels.join(".")}`,
    name: `${labels.join(".")}.${domain}`,
    type: "CNAME",
    ttl,
    content: formatCname(delegation.target),
    why: "A third party decides what stands here, such as the key that it signs with (RFC 1034 3.6.2)",
  };
}
