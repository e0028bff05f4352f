import { challengeRecord, challengeRecords } from "./acme-challenge.ts";
import { addressRecords, type HostAddresses } from "./address.ts";
import { caaRecords } from "./caa.ts";
import { cnameRecord } from "./cname.ts";
import type { DomainDescription, ServerDescription } from "./description.ts";
import { dkimRecord } from "./dkim.ts";
import { dmarcRecord, reportAuthorizationRecord } from "./dmarc.ts";
import { silentHostRecords } from "./lock-down.ts";
import { mtaStsRecord } from "./mta-sts.ts";
import { mxRecord } from "./mx.ts";
import { normalizeName } from "./name.ts";
import { persistentProofRecord, persistentProofRecords } from "./persistent-proof.ts";
import type { DnsRecord } from "./record.ts";
import { hostOnly, spfRecord } from "./spf.ts";
import { domainPolicy } from "./spf-sources.ts";
import { autodiscoverRecord, serviceRecords } from "./srv.ts";
import { tlsReportingRecord } from "./tls-rpt.ts";
import { tlsaRecords } from "./tlsa.ts";

/** The records of one key of a description; each is built by itself, so that one problem hides no other. */
export interface RecordPart<Content> {
  readonly part: string;
  readonly build: () => DnsRecord<Content>[];
}

/**
 * What a server's own name publishes, in order.
 *
 * @param domains - the mail domains; one whose name is the server's own has the policies of that name.
 * @param why - what its addresses are for.
 */
export function serverParts<Content>(
  server: ServerDescription<Content>,
  domains: ReadonlySet<string>,
  why = "The mail server itself, to which the MX points",
): RecordPart<string | Content>[] {
  const { hostName, ttl, addresses, keys, tlsReporting, challengeZone, persistentProof } = server;
  return [
    {
      part: "addresses",
      build: () => addressRecords({ role: "host", name: hostName, ttl, why }, addresses),
    },
    ...optional(keys, "keys", (value) => tlsaRecords(hostName, ttl, value)),
    ...optional(challengeZone, "challenges", (zone) => [
      challengeRecord(hostName, zone, ttl, "host-acme-challenge"),
    ]),
    ...optional(persistentProof, "proofs", (content) => [
      persistentProofRecord(hostName, content, ttl, "host-validation-persist"),
    ]),
    ...(domains.has(hostName)
      ? []
      : [
          // Bounces have no sender, and are judged by the server's own name (RFC 7208 section 2.4).
          {
            part: "hostName",
            build: () => [
              { ...spfRecord(hostName, ttl, hostOnly), role: "host-spf" },
              // Nobody writes from this name, and it need not be in the zone of a domain whose policy would cover it.
              { ...dmarcRecord(hostName, ttl, { policy: "reject" }), role: "host-dmarc" },
            ],
          },
          ...optional(tlsReporting, "tlsReporting", (value) => [
            tlsReportingRecord(hostName, ttl, value, "host-tls-rpt"),
          ]),
        ]),
  ];
}

/**
 * What a domain publishes, in order.
 *
 * @param servers - names whose addresses are published already, and which are more than client names.
 * @param reportsFor - the domains whose DMARC reports are sent here.
 */
export function domainParts<Content>(
  description: DomainDescription<Content>,
  servers: ReadonlySet<string>,
  reportsFor: Iterable<string>,
): RecordPart<string | Content>[] {
  const { domain, ttl, spf, web, tlsReporting, certificates } = description;
  const exchanges = new Set(description.exchanges.map(({ host }) => host));
  const clients = description.clientLabels
    .map((label) => ({ label, name: `${label}.${domain}` }))
    .filter(({ name }) => !servers.has(name) && !exchanges.has(name));
  return [
    {
      part: "exchanges",
      build: () =>
        description.exchanges.map(({ host, preference, label }) =>
          mxRecord(domain, ttl, { preference, exchange: host }, label),
        ),
    },
    {
      part: "spf",
      build: () => [spfRecord(domain, ttl, domainPolicy(spf), spf.includedLookups)],
    },
    {
      part: "dkim",
      build: () => description.dkim.map((key) => dkimRecord<string | Content>(domain, ttl, key)),
    },
    { part: "dmarc", build: () => [dmarcRecord(domain, ttl, description.dmarc)] },
    {
      part: "reportsFor",
      build: () =>
        [...reportsFor].map((other) => reportAuthorizationRecord(normalizeName(other), domain, ttl)),
    },
    ...optional(tlsReporting, "tlsReporting", (value) => [tlsReportingRecord(domain, ttl, value)]),
    { part: "services", build: () => serviceRecords(domain, ttl, description.services) },
    {
      part: "clientLabels",
      build: () =>
        clients.flatMap(({ label, name }) =>
          hostRecords(label, name, ttl, description.addresses, "A name under which clients find the server"),
        ),
    },
    ...optional(web, "web", () => webRecords(description)),
    ...optional(certificates, "certificates", (value) => caaRecords(domain, ttl, value)),
    ...optional(certificates?.challenges, "challenges", (value) => challengeRecords(domain, ttl, value)),
    ...optional(certificates?.proofs, "proofs", (value) => persistentProofRecords(domain, ttl, value)),
    {
      part: "delegations",
      build: () => (description.delegations ?? []).map((delegation) => cnameRecord(domain, ttl, delegation)),
    },
  ];
}

function optional<Value, Content>(
  value: Value | undefined,
  part: string,
  build: (value: Value) => DnsRecord<Content>[],
): RecordPart<Content>[] {
  return value === undefined ? [] : [{ part, build: () => build(value) }];
}

function webRecords<Content>({
  domain,
  ttl,
  web,
}: DomainDescription<Content>): DnsRecord<string | Content>[] {
  if (web === undefined) return [];
  const { addresses, mtaSts, autoconfig, autodiscover, bareName, webmail } = web;
  const why = "The domain's own name, where clients look for their settings as well";
  const host = (label: string, why: string): DnsRecord<string | Content>[] =>
    hostRecords(label, `${label}.${domain}`, ttl, addresses, why);
  return [
    ...(bareName === true ? addressRecords({ role: "web", name: domain, ttl, why }, addresses) : []),
    ...(mtaSts === undefined ? [] : host("mta-sts", "Where the MTA-STS policy is (RFC 8461 3.3)")),
    ...(mtaSts?.announced === true ? [mtaStsRecord(domain, ttl, mtaSts.policy)] : []),
    ...(autoconfig === true ? host("autoconfig", "Where Thunderbird and others ask for the settings") : []),
    ...(autodiscover === undefined
      ? []
      : [
          ...host("autodiscover", "Where Outlook asks for the settings"),
          autodiscoverRecord(domain, ttl, autodiscover),
        ]),
    ...(webmail === true ? host("webmail", "Where people have their mail in a browser") : []),
  ];
}

/** A name with an address and no mail, locked down. */
function hostRecords<Content>(
  label: string,
  name: string,
  ttl: number,
  addresses: HostAddresses<Content>,
  why: string,
): DnsRecord<string | Content>[] {
  const role = `host-${label}`;
  return [
    ...addressRecords({ role, name: normalizeName(name), ttl, why }, addresses),
    ...silentHostRecords(role, name, ttl),
  ];
}
