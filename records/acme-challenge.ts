import { isIP } from "node:net";
import { hostAndPort, isPort, socketAddress } from "./address.ts";
import { cnameRecord } from "./cname.ts";
import { nameProblem } from "./name.ts";
import type { DnsRecord } from "./record.ts";
import { services } from "./service.ts";

/** Names that are proved to an authority in the DNS (RFC 8555 section 8.4), in a zone that holds nothing else. */
export interface ChallengeAliases {
  /** The zone, whose key alone is on the host. @example "acme.example.net" */
  readonly zone: string;
  /** The domain's own names that certificates are for, all of them in it. @example ["mail.example.org"] */
  readonly names: readonly string[];
}

const label = "_acme-challenge";

/**
 * Where the proof of a name stands; the certificate agent knows it, too.
 *
 * @example "mail.example.org.acme.example.net"
 */
export function challengeTarget(name: string, zone: string): string {
  return `${name}.${zone}`;
}

/** The name where an authority looks. @example "_acme-challenge.mail.example.org" */
export function challengeName(name: string): string {
  return `${label}.${name}`;
}

/** @param role - of the record; that of a host is its own. @throws Error where the target is too long for a name. */
export function challengeRecord(name: string, zone: string, ttl: number, role: string): DnsRecord {
  const alias = cnameRecord(name, ttl, { label, target: challengeTarget(name, zone) });
  const why =
    "Where an authority finds the proof that this name is the stack's (ACME DNS-01, RFC 8555 8.4); nothing else can be changed there";
  return { ...alias, role, why };
}

export function challengeRecords(
  domain: string,
  ttl: number,
  { zone, names }: ChallengeAliases,
): DnsRecord[] {
  return names.map((name) => {
    const below = name === domain ? "" : `-${name.slice(0, -domain.length - 1)}`;
    return challengeRecord(name, zone, ttl, `acme-challenge${below}`);
  });
}

/** What is wrong with a name server as it is written: a host name or an address, with a port where that is not 53. */
export function nameServerProblem(written: string): string | undefined {
  const { host, port } = hostAndPort(written, services.dns.port);
  if ((isIP(host) !== 0 || nameProblem(host) === undefined) && isPort(port)) return undefined;
  return `"${written}" is not a valid name server: use a name or an address such as ns1.example.net, 192.0.2.53:5353 or [2001:db8::53]:53`;
}

/** A name server that passed {@link nameServerProblem}, with its port. @example "ns1.example.net:53" */
export function nameServerSocket(written: string): string {
  return socketAddress(hostAndPort(written, services.dns.port));
}
