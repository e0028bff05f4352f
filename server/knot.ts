import { requireDomain } from "./address.ts";
import { byPath, type ConfigurationFile, compareText } from "./configuration-file.ts";
import { GENERATION } from "./container-paths.ts";
import { renderListeners } from "./listening.ts";

/** A whole zone in the master file format of RFC 1035 s5. */
export interface ZoneText {
  /** Lower case, without the final dot. */
  readonly origin: string;
  /** With a fixed serial: the server raises it by itself whenever the content differs. */
  readonly text: string;
}

/** Files of the authoritative name server: its configuration and one file a zone. */
export function renderKnot(zones: readonly ZoneText[]): ConfigurationFile[] {
  const origins = zones.map(({ origin }) => requireDomain(origin)).sort(compareText);
  const files = zones.map(({ origin, text }) => ({ path: `zones/${origin}.zone`, content: text }));
  const configuration = { path: "knot/knot.conf", content: renderConfiguration(origins) };
  return byPath([configuration, renderListeners(["tcp 53", "udp 53"]), ...files]);
}

function renderConfiguration(origins: readonly string[]): string {
  const zones = origins.map((origin) => `  - domain: ${origin}\n`).join("");
  return `# What changes between two zone files is worked out by Knot and kept in its journal under a new serial,
# so that secondaries get a difference and nobody has to count serials by hand.
server:
    rundir: /run/knot
    listen: [ 0.0.0.0@53, ::@53 ]
    identity: ""
    version: ""
    nsid: ""
    automatic-acl: off
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1

database:
    storage: /var/lib/knot

log:
  - target: stdout
    any: info

template:
  - id: default
    storage: ${GENERATION}/zones
    file: "%s.zone"
    semantic-checks: on
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    serial-policy: unixtime
${zones === "" ? "" : `\nzone:\n${zones}`}`;
}
