import { createRequire } from "node:module";
import type { DnsRecordArgs } from "@pulumi/cloudflare/dnsRecord.js";
import * as pulumi from "@pulumi/pulumi";
import { recordName, recordResource } from "../../naming/resources.ts";
import {
  namedRecords,
  parseCaa,
  parseDs,
  parseMx,
  parseSrv,
  parseTlsa,
  quoteText,
} from "../../records/index.ts";
import type { DeclaredAddresses, DnsZoneArgs, PlannedRecord, Publisher } from "../publisher.ts";
import { cloudflareForm } from "./record-form.ts";

export interface CloudflareZoneArgs extends DnsZoneArgs {
  /** The zone's id, 32 hexadecimal digits. */
  readonly zoneId: pulumi.Input<string>;
  /** What serves the MTA-STS policy, which has to be there before the record that announces it. */
  readonly policyServer?: pulumi.Resource | undefined;
  /** The addresses that are declared in other zones; this one's are added. @default there are none */
  readonly addresses?: DeclaredAddresses | undefined;
}

/**
 * Our records in a Cloudflare zone, one `DnsRecord` per role; everything else in the zone stays untouched.
 *
 * ```ts
 * new CloudflareZone("example.org", { zone: "example.org", groups, zoneId: "023e105f4ecef8ad9ca31a8372d0c353" });
 * ```
 */
export class CloudflareZone extends pulumi.ComponentResource {
  readonly zone: string;

  readonly #records = new Map<string, pulumi.CustomResource>();

  constructor(name: string, args: CloudflareZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(cloudflareForm.zoneType, name, { domain: args.zone, zoneId: args.zoneId }, opts);
    const { DnsRecord } = loadRecords();
    const renamed = formerNames(args);
    const { addresses = new Map() } = args;
    for (const [key, record] of namedRecords(args)) {
      const resource = new DnsRecord(recordResource(name, key), cloudflareRecord(args.zoneId, record), {
        parent: this,
        dependsOn: precedents(record, addresses, args.policyServer),
        // A changed type replaces the record, and two of one name may clash (CNAME beside any other).
        deleteBeforeReplace: true,
        aliases: (renamed.get(record) ?? []).map((former) => ({ name: recordResource(name, former) })),
      });
      this.#records.set(key, resource);
      if (isAddress(record)) addresses.set(record.name, [...(addresses.get(record.name) ?? []), resource]);
    }
    this.zone = args.zone;
    this.registerOutputs({ zone: args.zone });
  }

  /** Its records by their roles, for what has no argument here. */
  get nodes(): Readonly<Record<string, pulumi.CustomResource>> {
    return Object.fromEntries(this.#records);
  }
}

export const cloudflarePublisher: Publisher = {
  createZone(name, { zone, groups, declared: { cloudflareZone }, policyServer, addresses }, opts) {
    if (cloudflareZone === undefined) {
      throw new Error(`${zone}: cloudflareZone is needed with dns "cloudflare"`);
    }
    const args = { zone, groups, zoneId: cloudflareZone, policyServer, addresses };
    const published = new CloudflareZone(name, args, opts);
    return { nodes: { zone: published, ...published.nodes } };
  },
};

/**
 * What has to be there before a record. Whoever reads an MX record and finds no address returns the mail (RFC 5321 section
 * 5.1), and a resolver remembers for a while that there was none (RFC 2308).
 */
function precedents(
  { role, type, content }: PlannedRecord,
  addresses: DeclaredAddresses,
  policyServer: pulumi.Resource | undefined,
): pulumi.Resource[] {
  if (role === "mta-sts") return policyServer === undefined ? [] : [policyServer];
  return type === "MX" && typeof content === "string"
    ? [...(addresses.get(parseMx(content).exchange) ?? [])]
    : [];
}

function isAddress({ type }: PlannedRecord): boolean {
  return type === "A" || type === "AAAA";
}

/** Only programs that publish at Cloudflare have its package installed. */
function loadRecords(): typeof import("@pulumi/cloudflare/dnsRecord.js") {
  try {
    return createRequire(import.meta.url)("@pulumi/cloudflare/dnsRecord.js");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new pulumi.RunError(
      'dns "cloudflare" needs a package that is not installed: `npm install @pulumi/cloudflare`',
    );
  }
}

/**
 * A host is the server's at one time and a mere client name at another, and its address may be the same in both
 * roles. Under another name the record would be created before its predecessor is deleted, which Cloudflare refuses
 * as a second identical one.
 */
function formerNames({ zone, groups }: DnsZoneArgs): Map<PlannedRecord, string[]> {
  const names = new Map<PlannedRecord, string[]>();
  for (const { kind, owner, records } of groups) {
    for (const record of records) {
      const { name, role } = record;
      const [label = "", ...above] = name.split(".");
      const domain = above.join(".");
      const clientRole = `host-${label}`;
      if (kind === "server" && name === owner && role.startsWith("host")) {
        const client = `${clientRole}${role.slice("host".length)}`;
        names.set(record, [recordName(zone, domain, client)]);
      }
      if (kind === "domain" && domain === owner && role.startsWith(clientRole)) {
        names.set(record, [recordName(zone, name, `host${role.slice(clientRole.length)}`)]);
      }
    }
  }
  return names;
}

/** A planned record in the form in which the API gives it back, so that a second preview sees no difference. */
export function cloudflareRecord(zoneId: pulumi.Input<string>, record: PlannedRecord): DnsRecordArgs {
  const { name, type, ttl, content, why } = record;
  // Mail protocols do not pass through the HTTP proxy, so no record of ours is ever proxied.
  const common = { zoneId, name, type, ttl, proxied: false, comment: why };
  if (type === "TXT") return { ...common, content: pulumi.output(content).apply(quoteText) };
  if (type === "MX") {
    const mx = pulumi.output(content).apply(parseMx);
    return { ...common, content: mx.exchange, priority: mx.preference };
  }
  if (type === "SRV") {
    // The priority is given twice: the API returns it at the top as well.
    const data = pulumi.output(content).apply(parseSrv);
    return { ...common, priority: data.priority, data };
  }
  if (type === "CAA") {
    // Flags as text: the provider's type is dynamic, and the API's acceptance tests use this form.
    const data = pulumi
      .output(content)
      .apply((text) => ({ ...parseCaa(text), flags: String(parseCaa(text).flags) }));
    return { ...common, data };
  }
  if (type === "TLSA") {
    const data = pulumi.output(content).apply((text) => {
      const { data: certificate, ...tlsa } = parseTlsa(text);
      return { ...tlsa, certificate };
    });
    return { ...common, data };
  }
  if (type === "DS") return { ...common, data: pulumi.output(content).apply(parseDs) };
  return { ...common, content };
}
