import * as pulumi from "@pulumi/pulumi";
import { parkedRecords } from "../records/index.ts";
import type { LocalZone } from "./local-zone.ts";
import { createZone, defaultTtl, type ZoneArgs } from "./zone.ts";

/**
 * A domain without mail, locked down so that nobody can send in its name.
 *
 * ```ts
 * new ParkedDomain("example.net", { domain: "example.net", addresses: { ipv4: "192.0.2.25" } });
 * ```
 *
 * Creates a LocalZone or a CloudflareZone.
 */
export class ParkedDomain extends pulumi.ComponentResource {
  readonly domain: string;
  readonly records: ReturnType<typeof parkedRecords>;

  #localZones: readonly LocalZone[];

  constructor(name: string, args: ZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:ParkedDomain", name, { domain: args.domain }, opts);
    this.domain = args.domain;
    this.records = parkedRecords(args.domain, args.ttl ?? defaultTtl);
    this.#localZones = createZone(this, name, args, this.records);
    this.registerOutputs({ domain: this.domain });
  }

  /** The domain's zone for a name server of the stack's own; empty when somebody else publishes it. */
  get localZones(): readonly LocalZone[] {
    return this.#localZones;
  }
}
