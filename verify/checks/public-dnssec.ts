import {
  digestOf,
  type ForeignDs,
  formatDs,
  parseForeignDs,
  parseZoneKey,
  type ZoneKey,
} from "../../records/index.ts";
import { failed, type Outcome, ok } from "../check.ts";
import { type NameResolver, query } from "../probes/dns.ts";

const SHA1 = 1;
const SHA256 = 2;
const SHA384 = 4;
/** Digests that every validator knows (RFC 9904, which replaced RFC 8624; RFC 6605 section 2). */
const trustedDigests: readonly number[] = [SHA256, SHA384];
/** Algorithms that validators know. Others, and those with SHA-1, leave a zone as if it were unsigned (RFC 9904, RFC 9905). */
const trustedAlgorithms: readonly number[] = [8, 10, 13, 14, 15, 16];

/** RFC 4034 section 2.1.1, RFC 5011 section 3. */
const ZONE_KEY = 0x0100;
const REVOKED = 0x0080;
const ENTRY_POINT = 0x0001;

/** Whether the parent vouches for a key that the zone has (RFC 4035 section 5.2), in a way that validators accept. */
export async function judgeDnssec(domain: string, resolver: NameResolver): Promise<Outcome> {
  const own = await readZone(domain, resolver);
  if (own.keys.length > 0 || own.parent.length > 0) return judge(own);
  const zone = await zoneOf(domain, resolver);
  if (zone === domain) return judge(own);
  const outcome = judge(await readZone(zone, resolver));
  return { ...outcome, seen: `${outcome.seen} (zone ${zone})` };
}

interface Signing {
  readonly zone: string;
  readonly keys: readonly ZoneKey[];
  readonly parent: readonly ForeignDs[];
}

async function readZone(zone: string, resolver: NameResolver): Promise<Signing> {
  // A validating resolver gives no answer where the two do not fit: that is what is looked at here.
  const unchecked = { checkingDisabled: true };
  const [keys, parent] = await Promise.all([
    query(resolver, zone, "DNSKEY", unchecked),
    query(resolver, zone, "DS", unchecked),
  ]);
  return {
    zone,
    keys: keys.records
      .map(({ content }) => parseZoneKey(content))
      .filter(({ flags }) => (flags & ZONE_KEY) !== 0),
    parent: parent.records.map(({ content }) => parseForeignDs(content)),
  };
}

/** The zone that a domain is in: it has the SOA record (RFC 1034 section 4.2.1). */
async function zoneOf(domain: string, resolver: NameResolver): Promise<string> {
  for (let name = domain; name.includes("."); name = name.slice(name.indexOf(".") + 1)) {
    // Who answers for the domain alone knows nothing of what is above it.
    const found = await query(resolver, name, "SOA", { checkingDisabled: true }).catch(() => undefined);
    if (found === undefined) return domain;
    if (found.isOwn) return name;
  }
  return domain;
}

function judge({ zone, keys, parent }: Signing): Outcome {
  const active = keys.filter(({ flags }) => (flags & REVOKED) === 0);
  if (parent.length === 0) {
    return keys.length === 0
      ? ok("not signed")
      : ok("signed, but the parent zone has no DS record, so nobody validates it");
  }
  if (active.length === 0) {
    return failed(
      `the parent has a DS record, but ${keys.length === 0 ? "the zone has no key" : "every key of the zone is revoked"}`,
      "Sign the zone with the key that the DS record names. If it is to be unsigned, have the parent remove the DS record first.",
    );
  }
  const fitting = parent.filter((ds) => isOfAny(active, zone, ds));
  const counting = fitting.filter(({ digestType }) => trustedDigests.includes(digestType));
  const trusted = counting.find(({ algorithm }) => trustedAlgorithms.includes(algorithm));
  if (trusted !== undefined) return ok(describe(trusted, parent, fitting));
  const [other] = counting;
  if (other !== undefined)
    return failed(
      `key ${other.keyTag} has algorithm ${other.algorithm}, which validators may ignore`,
      "Sign with a key of algorithm 13 (ECDSAP256SHA256) as well, and have the parent publish its DS record (RFC 9904, RFC 6781 section 4.1.4).",
    );
  return failed(
    mismatch(zone, keys, parent, fitting),
    `Have the parent publish a SHA-256 DS record of the zone's key: ${proposals(zone, active)}.`,
  );
}

function describe(trusted: ForeignDs, parent: readonly ForeignDs[], fitting: readonly ForeignDs[]): string {
  // While keys change, the next one's DS record is there before its key (RFC 6781 section 4.1.2).
  const others = parent.filter((ds) => !fitting.includes(ds)).map(({ keyTag }) => keyTag);
  const more = others.length === 0 ? "" : `; also a DS record of key ${[...new Set(others)].join(", ")}`;
  return `signed, key ${trusted.keyTag}${more}`;
}

/** Why no DS record counts. */
function mismatch(
  zone: string,
  keys: readonly ZoneKey[],
  parent: readonly ForeignDs[],
  fitting: readonly ForeignDs[],
): string {
  // Beside another digest, SHA-1 does not count at all (RFC 4509 section 3).
  const hasTrusted = parent.some(({ digestType }) => trustedDigests.includes(digestType));
  const bySha1 = fitting.find(({ digestType }) => digestType === SHA1);
  if (bySha1 !== undefined && !hasTrusted)
    return `a DS record that validators may ignore: key ${bySha1.keyTag} has one by SHA-1 only`;
  const revoked = parent.find((ds) => isOfAny(keys.map(unrevoked), zone, ds) && !isOfAny(keys, zone, ds));
  if (revoked !== undefined)
    return `the parent's DS record is that of key ${revoked.keyTag}, which is revoked`;
  if (!hasTrusted && bySha1 === undefined && parent.every(({ digestType }) => digestType !== SHA1)) {
    const types = [...new Set(parent.map(({ digestType }) => digestType))].join(", ");
    return `a DS record that validators may ignore: digest type ${types}`;
  }
  const tags = [...new Set(parent.map(({ keyTag }) => keyTag))].join(", ");
  return `no key of the zone matches the parent's DS record (key ${tags})`;
}

function unrevoked(key: ZoneKey): ZoneKey {
  return { ...key, flags: key.flags & ~REVOKED };
}

function isOfAny(keys: readonly ZoneKey[], zone: string, ds: ForeignDs): boolean {
  return keys.some((key) => {
    const own = digestOf(zone, key, ds.digestType);
    return (
      own !== undefined &&
      own.keyTag === ds.keyTag &&
      own.algorithm === ds.algorithm &&
      own.digest === ds.digest
    );
  });
}

/** Whether one of the parent's DS records, by whatever digest, is of the key that another DS record names. */
export async function isOfSameKey(
  zone: string,
  ds: string,
  published: readonly string[],
  resolver: NameResolver,
): Promise<boolean> {
  const { keys } = await readZone(zone, resolver);
  const named = keys.filter((key) => isOfAny([key], zone, parseForeignDs(ds)));
  return published
    .map(parseForeignDs)
    .some((other) => trustedDigests.includes(other.digestType) && isOfAny(named, zone, other));
}

/** The key that is meant to be vouched for has a flag of its own (RFC 4034 section 2.1.1). */
function proposals(zone: string, keys: readonly ZoneKey[]): string {
  const marked = keys.filter(({ flags }) => (flags & ENTRY_POINT) !== 0);
  const records = (marked.length > 0 ? marked : keys).map((key) => digestOf(zone, key, SHA256));
  return records.map((ds) => (ds ? `\`${formatDs({ ...ds, digestType: SHA256 })}\`` : "")).join(" or ");
}
