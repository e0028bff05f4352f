import { dkimRecord, formatDkim } from "./dkim.ts";
import { dmarcRecord } from "./dmarc.ts";
import { mxRecord } from "./mx.ts";
import type { DnsRecord } from "./record.ts";
import { type Spf, spfRecord } from "./spf.ts";

/** Nobody may send as this name (RFC 7208 section 10.1.2). */
export const nobody: Spf = { mechanisms: [{ qualifier: "fail", name: "all", argument: "" }] };

/**
 * Records of a domain that has no mail, so that nobody can send in its name: null MX (RFC 7505), SPF `-all`,
 * DMARC `reject`, and every DKIM selector revoked (RFC 6376 section 3.6.1).
 */
export function parkedRecords(domain: string, ttl: number): DnsRecord[] {
  return [
    noMailExchange(domain, ttl),
    spfRecord(domain, ttl, nobody),
    {
      ...dkimRecord(domain, ttl, { selector: "*", content: formatDkim({ keyType: "rsa", publicKey: "" }) }),
      role: "dkim-none",
      why: `No signature in the name of ${domain} is valid (RFC 6376 section 3.6.1)`,
    },
    dmarcRecord(domain, ttl, { policy: "reject" }),
  ];
}

/** A host that has an address and neither sends nor receives mail in its own name. */
export function silentHostRecords(role: string, host: string, ttl: number): DnsRecord[] {
  return [
    { ...noMailExchange(host, ttl), role: `${role}-mx` },
    { ...spfRecord(host, ttl, nobody), role: `${role}-spf` },
  ];
}

function noMailExchange(name: string, ttl: number): DnsRecord {
  return {
    ...mxRecord(name, ttl, { preference: 0, exchange: "." }),
    why: `Says that ${name} receives no mail (null MX, RFC 7505)`,
  };
}
