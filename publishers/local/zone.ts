import * as pulumi from "@pulumi/pulumi";
import { dnssecKey } from "../../naming/resources.ts";
import { DnssecKey } from "../../provider/resources.ts";
import { formatAddress, namedRecords, renderZoneFile } from "../../records/index.ts";
import { isSignedHere } from "../declared-zone.ts";
import type { DnsZoneArgs, PlannedRecord, Publisher, ServedZone } from "../publisher.ts";
import { local } from "./facts.ts";

export interface LocalZoneArgs extends DnsZoneArgs {
  /** The address under which others reach the stack's name server. @example "127.0.0.1" */
  readonly nameServerAddress: pulumi.Input<string>;
  /** TTL of the zone's own records, such as its name server, in seconds. */
  readonly ttl: number;
  /** What signs it (DNSSEC). @default it is not signed */
  readonly key?: DnssecKey | undefined;
}

/**
 * A zone on the stack's own authoritative server. A {@link LocalDnsServer} serves its text, for all zones at
 * once.
 *
 * ```ts
 * new LocalZone("example.org", { zone: "example.org", groups, nameServerAddress: "192.0.2.53", ttl: 3600 });
 * ```
 */
export class LocalZone extends pulumi.ComponentResource implements ServedZone {
  readonly zone: string;
  readonly text: pulumi.Output<string>;
  readonly ds: pulumi.Output<string> | undefined;

  #signingKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: LocalZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(local.form.zoneType, name, { domain: args.zone, records: recordInputs(namedRecords(args)) }, opts);
    this.zone = args.zone;
    this.text = renderZone(args);
    this.ds = args.key?.ds;
    this.#signingKey = args.key?.privateKey;
    // Its text is what the records above say, once more.
    this.registerOutputs({ zone: args.zone, ds: this.ds });
  }

  get signingKey(): pulumi.Output<string> | undefined {
    return this.#signingKey;
  }
}

export const localPublisher: Publisher = {
  createZone(name, { zone, groups, declared, nameServerAddress, ttl }, opts) {
    const key = isSignedHere(declared) ? new DnssecKey(dnssecKey(zone), { zone }, opts) : undefined;
    const served = new LocalZone(name, { zone, groups, nameServerAddress, ttl, key }, opts);
    return { nodes: { zone: served, ...(key === undefined ? {} : { key }) }, served };
  },
};

/** One line per record, so that a preview shows which one changes and how. */
function recordInputs(
  records: readonly (readonly [string, PlannedRecord])[],
): Record<string, pulumi.Input<string>> {
  const lines = records.map(([key, { name, type, ttl, content }]) => {
    const line = (text: string) => `${name} ${ttl} ${type} ${text}`;
    // Most are plain, and an Output costs as much as the rest of a record.
    return [key, typeof content === "string" ? line(content) : content.apply(line)] as const;
  });
  return Object.fromEntries(lines);
}

/** A zone's whole file, its texts known later. */
export function renderZone({
  zone,
  groups,
  nameServerAddress,
  ttl,
}: Omit<LocalZoneArgs, "key">): pulumi.Output<string> {
  const authority = {
    domain: zone,
    nameServer: `ns1.${zone}`,
    mailbox: formatAddress({ local: "hostmaster", domain: zone }),
    ttl,
  };
  const records = groups.flatMap((group) => group.records);
  const texts = [nameServerAddress, ...records.map(({ content }) => content)];
  return pulumi.all(texts).apply(([address = "", ...contents]) =>
    renderZoneFile(
      { ...authority, nameServerAddress: address },
      records.map((record, index) => ({ ...record, content: contents[index] ?? "" })),
    ),
  );
}
