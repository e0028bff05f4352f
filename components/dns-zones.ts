import * as pulumi from "@pulumi/pulumi";
import { zoneResource } from "../naming/resources.ts";
import { defaultPublisher, describeZones } from "../publishers/declared-zone.ts";
import { publishers } from "../publishers/index.ts";
import type { DeclaredAddresses, PublishedZone, ServedZone } from "../publishers/publisher.ts";
import type { DeclaredZone } from "../publishers/zone-settings.ts";
import {
  type DomainDescription,
  defaultTtl,
  dsInstruction,
  type Instruction,
  type LaterReverseName,
  type ParkedDescription,
  planRecords,
  ptrInstructions,
  type RecordPlan,
  type ServerDescription,
} from "../records/index.ts";
import { settledDomain, settledServer } from "./later-addresses.ts";

/** One zone, and who publishes it. */
export type ZoneArgs = DeclaredZone<pulumi.Input<string>>;

export interface DnsZonesArgs {
  /** The zones that are published; whatever lies in none of them becomes an instruction. @example [{ name: "example.org" }] */
  readonly zones: readonly ZoneArgs[];
  /**
   * The mail servers, each once, however many domains it serves. Reverse names of plain addresses are in zones of the
   * program's own where it has them; those of addresses that are known later are always asked for.
   *
   * @example [{ hostName: "mail.example.org", addresses: { ipv4: "192.0.2.25" }, ttl: 3600 }]
   */
  readonly servers: readonly ServerDescription<pulumi.Input<string>>[];
  /** What each MailDomain publishes. @example [domain.recordDescription] */
  readonly domains: readonly DomainDescription<pulumi.Input<string>>[];
  /**
   * Domains without mail, locked down so that nobody can send in their name.
   *
   * @default []
   * @example [{ domain: "example.net", ttl: 3600 }]
   */
  readonly parkedDomains?: readonly ParkedDescription[] | undefined;
  /** The address under which others reach the stack's own name server. @example "192.0.2.53" */
  readonly nameServerAddress: pulumi.Input<string>;
  /**
   * What serves the MTA-STS policies: elsewhere, no record announces one before it is served (RFC 8461 section 3.3).
   * The stack's own name server needs to be given it as well.
   *
   * @default there is no policy
   */
  readonly policyServer?: pulumi.Resource | undefined;
}

/**
 * Every record of a stack, planned at once and published zone by zone: two domains may share a zone, and a
 * server's records exist once, however many domains it serves.
 *
 * ```ts
 * const dns = new DnsZones("dns", {
 *   zones: [{ name: "example.org" }],
 *   servers: [{ hostName: "mail.example.org", addresses: { ipv4: "192.0.2.25" }, ttl: 3600 }],
 *   domains: [domain.recordDescription],
 *   nameServerAddress: "192.0.2.25",
 * });
 * ```
 *
 * Creates the component of each zone's publisher: a LocalZone with its DnssecKey, or a CloudflareZone.
 *
 * @throws RecordPlanError that lists everything that the description would break.
 */
export class DnsZones extends pulumi.ComponentResource {
  /** Every record, by zone and owner. */
  readonly plan: RecordPlan<pulumi.Output<string>>;
  /** What is to be asked of those who hold other zones, such as a parent's DS or a provider's reverse name. */
  readonly instructions: readonly Instruction<string | pulumi.Output<string>>[];

  /** What is to be asked of the providers of servers' addresses that are known later. */
  readonly reverseNameInstructions: pulumi.Output<readonly Instruction[]>;

  readonly #zones: Readonly<Record<string, PublishedZone>>;

  constructor(name: string, args: DnsZonesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:DnsZones", name, {}, opts);
    const { zones, parkedDomains = [] } = args;
    const [servers, domains] = [args.servers.map(settledServer), args.domains.map(settledDomain)];
    this.plan = planRecords({ zones: describeZones(zones), servers, domains, parkedDomains });
    const addresses: DeclaredAddresses = new Map();
    this.#zones = Object.fromEntries(
      zones.map((zone) => [zone.name, createZone(this, zone, this.plan, args, addresses)]),
    );
    const withdrawn = new Set(zones.filter((zone) => zone.ds === false).map(({ name: zone }) => zone));
    const signed = this.localZones.flatMap(({ zone, ds }) =>
      ds === undefined || withdrawn.has(zone) ? [] : [dsInstruction(zone, dsTtl, ds)],
    );
    this.instructions = [...this.plan.instructions, ...signed];
    this.reverseNameInstructions = laterReverseNames(this.plan.laterReverseNames);
    const { instructions, reverseNameInstructions } = this;
    this.registerOutputs({ instructions, reverseNameInstructions });
  }

  /** The zones for a name server of the stack's own; not those that somebody else publishes. */
  get localZones(): readonly ServedZone[] {
    return Object.values(this.#zones).flatMap(({ served }) => served ?? []);
  }

  /** The resources of each zone, by its name, for what has no argument here: see {@link ServerNodes}. */
  get nodes(): Readonly<Record<string, PublishedZone["nodes"]>> {
    return Object.fromEntries(Object.entries(this.#zones).map(([zone, { nodes }]) => [zone, nodes]));
  }
}

/** What parents of zones commonly use, in seconds: a day. */
const dsTtl = 86_400;

function laterReverseNames(
  names: readonly LaterReverseName<pulumi.Output<string>>[],
): pulumi.Output<readonly Instruction[]> {
  return pulumi
    .all(names.map(({ address }) => address))
    .apply((addresses) =>
      names.flatMap(({ hostName, ttl }, index) => ptrInstructions(hostName, ttl, [addresses[index]])),
    );
}

function createZone(
  parent: pulumi.Resource,
  declared: ZoneArgs,
  plan: RecordPlan<pulumi.Output<string>>,
  { nameServerAddress, policyServer }: DnsZonesArgs,
  addresses: DeclaredAddresses,
): PublishedZone {
  const { name: zone, dns = defaultPublisher, ttl = defaultTtl } = declared;
  const groups = plan.groups.filter((group) => group.zone === zone);
  const args = { zone, groups, declared, ttl, nameServerAddress, policyServer, addresses };
  return publishers[dns].createZone(zoneResource(zone), args, { parent });
}
