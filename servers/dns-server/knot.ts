import { services } from "../../records/service.ts";
import {
  byPath,
  type ConfigurationFile,
  compareText,
  type SealedFile,
} from "../generation/configuration-file.ts";
import { GENERATION } from "../generation/container-paths.ts";
import { DNS_QUESTION, renderHealthQuestions } from "../generation/health-questions.ts";
import { renderListeners } from "../generation/listening.ts";
import { requireDomain } from "../mail-server/address.ts";

/** A whole zone in the master file format of RFC 1035 s5. */
export interface ZoneText {
  /** Lower case, without the final dot. */
  readonly origin: string;
  /** With a fixed serial: the server raises it by itself whenever the content differs. */
  readonly text: string;
  /** Whether the server signs it, with the key of {@link zoneKeyFile}. @default false */
  readonly signed?: boolean | undefined;
  /** Whether whoever has the key of {@link updateKeyFile} may change its TXT records below the apex (RFC 2136). @default false */
  readonly updated?: boolean | undefined;
}

/** What signs a change of a zone (TSIG, RFC 8945). */
export interface UpdateKey {
  /** Lower case. @example "acme.acme.example.net" */
  readonly name: string;
  /** @example "hmac-sha256" */
  readonly algorithm: string;
  /** Base64. */
  readonly secret: string;
}

/**
 * Who can reach the server. Answers over UDP to whoever can be anyone are limited, or else the server would multiply what
 * others send under a forged address.
 */
export type Reach = "anyone" | "own network";

/** The private key that signs a zone, PKCS#8 PEM. */
export function zoneKeyFile(origin: string): SealedFile<string> {
  return {
    path: `dnssec/${requireDomain(origin)}.pem`,
    owner: "knot",
    mode: 0o600,
    render: (privateKeyPem) => privateKeyPem,
  };
}

/** The key by which a zone may be changed, with what it allows: nothing but challenges of ACME, which are TXT records. */
export function updateKeyFile(origin: string): SealedFile<UpdateKey> {
  return {
    path: updateKeyPath(origin),
    owner: "knot",
    mode: 0o600,
    render: ({ name, algorithm, secret }) => `key:
  - id: ${name}
    algorithm: ${algorithm}
    secret: ${secret}

acl:
  - id: ${requireDomain(origin)}
    key: ${name}
    action: update
    update-type: [ TXT ]
    update-owner: zone
    update-owner-match: sub
`,
  };
}

function updateKeyPath(origin: string): string {
  return `knot/updates/${requireDomain(origin)}.conf`;
}

/** Where a generation has the text of a zone. */
export function zoneTextPath(origin: string): string {
  return `zones/${requireDomain(origin)}.zone`;
}

/** Files of the authoritative name server: its configuration and one file per zone. */
export function renderKnot(zones: readonly ZoneText[], reach: Reach = "anyone"): ConfigurationFile[] {
  const texts = zones.map(({ origin, text }) => ({ path: zoneTextPath(origin), content: text }));
  return byPath([...renderKnotConfiguration(zones, reach), ...texts]);
}

/** The same without the zones' texts, which may be known later. */
export function renderKnotConfiguration(
  zones: readonly Omit<ZoneText, "text">[],
  reach: Reach = "anyone",
): ConfigurationFile[] {
  for (const { origin } of zones) requireDomain(origin);
  const configuration = { path: "knot/knot.conf", content: renderConfiguration(zones, reach) };
  const { port } = services.dns;
  return [
    configuration,
    renderListeners([`tcp ${port}`, `udp ${port}`]),
    renderHealthQuestions([{ daemon: "knot", socket: `udp ${port}`, request: DNS_QUESTION }]),
  ];
}

/**
 * Whoever has shown by a cookie that its address is its own (RFC 7873) gets every answer. To everybody else one answer
 * per second and address, and 32 per second and /24, is whole: Knot's multiples are fixed, and with more a /24 would
 * get back a multiple of what was sent in its name. Further ones are empty with TC, no larger than the question: none is
 * dropped, so that a resolver learns at once to ask over TCP (RFC 7766), where nobody can forge an address.
 */
const limits = `
mod-rrl:
  - id: limits
    rate-limit: 1
    instant-limit: 1
    slip: 1
    time-rate-limit: 0
    table-size: 65536
    whitelist: [ 127.0.0.0/8, ::1 ]
`;

function renderConfiguration(served: readonly Omit<ZoneText, "text">[], reach: Reach): string {
  const zones = served
    .toSorted((a, b) => compareText(a.origin, b.origin))
    .map(({ origin, signed, updated }) =>
      [
        `  - domain: ${origin}\n`,
        signed === true ? "    dnssec-signing: on\n" : "",
        updated === true ? `    acl: ${origin}\n` : "",
      ].join(""),
    )
    .join("");
  const keys = served
    .filter(({ updated }) => updated === true)
    .map(({ origin }) => `include: ${GENERATION}/${updateKeyPath(origin)}\n`)
    .sort()
    .join("");
  return `# What changes between two zone files is worked out by Knot and kept in its journal under a new serial,
# so that secondaries get a difference and nobody has to count serials by hand.
server:
    rundir: /run/knot
    listen: [ 0.0.0.0@${services.dns.port}, ::@${services.dns.port} ]
    identity: ""
    version: ""
    nsid: ""
    udp-max-payload: 1232
    automatic-acl: off
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1

# Keys come with the configuration, and are imported again at each start.
database:
    storage: /var/lib/knot
    kasp-db: /run/knot/keys

# The keys are the stack's: Knot makes and retires none. NSEC, not NSEC3: a zone of well-known names hides nothing.
policy:
  - id: declared
    manual: on
    single-type-signing: on
    algorithm: ecdsap256sha256
    nsec3: off

log:
  - target: stdout
    any: info
${reach === "anyone" ? limits : ""}
template:
  - id: default
${reach === "anyone" ? "    global-module: [ mod-cookies, mod-rrl/limits ]\n" : ""}    storage: ${GENERATION}/zones
    file: "%s.zone"
    semantic-checks: on
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    serial-policy: unixtime
    dnssec-policy: declared
${keys === "" ? "" : `\n${keys}`}${zones === "" ? "" : `\nzone:\n${zones}`}`;
}
