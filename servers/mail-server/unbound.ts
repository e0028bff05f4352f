import { isIP } from "node:net";
import { services } from "../../records/service.ts";
import { type ConfigurationFile, compareText, type SealedFile } from "../generation/configuration-file.ts";
import { GENERATION } from "../generation/container-paths.ts";
import { requireDomain } from "./address.ts";
import type { ResolverDescription, ResolverZone } from "./description.ts";

/** Where the resolver answers: inside the container, for its daemons alone. */
export const RESOLVER_ADDRESS = "127.0.0.1";

/** Where {@link trustAnchorsFile} lies in a generation. */
const TRUST_ANCHORS = "unbound/anchors";
const EMPTY_ROOT = "unbound/root.zone";

/** Key tag, algorithm, digest type and digest, as a parent zone publishes them (RFC 4034 s5.3). */
const DS = /^\d{1,5} \d{1,3} \d{1,3} [0-9A-Fa-f]{40,128}$/;

/**
 * Unbound: its configuration, and for a sealed one the root zone in which there is nothing. One that has
 * signed zones needs {@link trustAnchorsFile} too.
 *
 * @throws RangeError if a zone's name or a name server's address is none, or a zone is named twice.
 */
export function renderUnbound(resolver: ResolverDescription): ConfigurationFile[] {
  const server = { path: "unbound/unbound.conf", content: renderConfiguration(resolver) };
  return resolver.kind === "recursive" ? [server] : [{ path: EMPTY_ROOT, content: EMPTY_ROOT_ZONE }, server];
}

/** By zone, the contents of its DS records; more than one while its key is being changed. */
export type TrustAnchors = Readonly<Record<string, readonly string[]>>;

/**
 * The keys from which a sealed resolver validates; part of the generation if any of its zones is signed. A
 * change of it empties the resolver's cache.
 *
 * Rendering throws a RangeError if a signed zone has no DS, a zone that is not signed has one, or one is not a DS
 * record's content.
 */
export function trustAnchorsFile(zones: readonly ResolverZone[]): SealedFile<TrustAnchors> {
  return {
    path: TRUST_ANCHORS,
    owner: "root",
    mode: 0o644,
    render: (anchors) =>
      zones
        .flatMap((zone) =>
          anchorLines(zone, Object.hasOwn(anchors, zone.name) ? (anchors[zone.name] ?? []) : []),
        )
        .sort(compareText)
        .join(""),
  };
}

function anchorLines({ name, signed }: ResolverZone, contents: readonly string[]): string[] {
  if (signed !== contents.length > 0) {
    throw new RangeError(`zone ${name} is ${signed ? "signed, but has no" : "not signed, but has a"} DS`);
  }
  return contents.map((content) => {
    if (!DS.test(content)) {
      throw new RangeError(
        `"${content}" of zone ${name} is not a valid DS record: use "<key tag> 13 2 <digest in hex>"`,
      );
    }
    return `${requireDomain(name)}. IN DS ${content}\n`;
  });
}

function renderConfiguration(resolver: ResolverDescription): string {
  return `server:
    interface: ${RESOLVER_ADDRESS}
    port: ${services.dns.port}
    # It runs as its own user from the start, in a container.
    username: ""
    chroot: ""
    directory: "/run"
    pidfile: ""
    do-daemonize: no
    use-syslog: no
    logfile: ""
    # Queries are not logged, but the reason for rejecting an answer is: mail waits because of it.
    verbosity: 1
    log-queries: no
    val-log-level: 2
    hide-identity: yes
    hide-version: yes
    hide-trustanchor: yes

    num-threads: 1
    msg-cache-size: 2m
    rrset-cache-size: 4m
    key-cache-size: 1m
    neg-cache-size: 512k
    infra-cache-numhosts: 2000
    # A name server that was away is asked again at once, not when it is forgotten, after a quarter of an hour.
    infra-keep-probing: yes
    outgoing-range: 256
    num-queries-per-thread: 128

    module-config: "validator iterator"
    qname-minimisation: yes
    harden-glue: yes
    harden-dnssec-stripped: yes
    harden-below-nxdomain: yes
    aggressive-nsec: yes
    unwanted-reply-threshold: 10000
    # An expired TLSA or DKIM record must not be believed.
    serve-expired: no
${resolver.kind === "recursive" ? renderRoot() : renderSeal(resolver.zones)}
remote-control:
    control-enable: no
`;
}

function renderRoot(): string {
  return `    trust-anchor-file: "/usr/share/dns/root.key"
`;
}

function renderSeal(zones: readonly ResolverZone[]): string {
  const sorted = zones.toSorted((a, b) => compareText(a.name, b.name));
  sorted.forEach(({ name }, index) => {
    if (sorted[index + 1]?.name === name) throw new RangeError(`zone ${name} is named twice`);
  });
  const anchors = zones.some(({ signed }) => signed)
    ? `    trust-anchor-file: "${GENERATION}/${TRUST_ANCHORS}"\n`
    : "";
  return `    # The name servers stand beside this one: little is won by keeping an old answer.
    cache-max-ttl: 10
    cache-max-negative-ttl: 10
    val-bogus-ttl: 10
    # One that was away, while its container was replaced, is known to be back within seconds: mail is answered with 450
    # for as long as its sender's domain cannot be looked up.
    infra-cache-max-rtt: 1000
    infra-host-ttl: 5
${anchors}${sorted.map(renderExceptions).join("")}
# Every other name is denied at once, also behind a CNAME: no query leaves.
auth-zone:
    name: "."
    zonefile: "${GENERATION}/${EMPTY_ROOT}"
    for-upstream: yes
    for-downstream: no
    fallback-enabled: no
${sorted.map(renderStub).join("")}`;
}

/** Unbound itself denies the reverse names of private networks (RFC 6303); a zone declared here is meant. */
function renderExceptions({ name, signed }: ResolverZone): string {
  return `    local-zone: "${name}." transparent\n${signed ? "" : `    domain-insecure: "${name}."\n`}`;
}

function renderStub({ name, nameServers }: ResolverZone): string {
  if (nameServers.length === 0) throw new RangeError(`zone ${name} has no name server: name at least one`);
  const addresses = nameServers.map((address) => {
    if (isIP(address) === 0)
      throw new RangeError(`name server "${address}" of zone ${name} is not a valid IP address`);
    return `    stub-addr: ${address}\n`;
  });
  return `
stub-zone:
    name: "${requireDomain(name)}."
${addresses.join("")}`;
}

const EMPTY_ROOT_ZONE = `. 10 IN SOA localhost. root.localhost. 1 3600 900 1209600 10
. 10 IN NS localhost.
`;
