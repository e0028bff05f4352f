import * as pulumi from "@pulumi/pulumi";
import { DnssecKey } from "../provider/resources.ts";
import { renderZoneFile } from "../records/index.ts";
import type { DnsZoneArgs, PlannedRecord } from "./dns-zone.ts";

export interface LocalZoneArgs extends DnsZoneArgs {
  /** The address under which others reach the stack's name server. @example "127.0.0.1" */
  readonly nameServerAddress: string;
  /** How long others may keep a record, in seconds. */
  readonly ttl: number;
  /** Whether the zone is signed (DNSSEC). @default true */
  readonly dnssec?: boolean | undefined;
}

/**
 * A domain's zone on the stack's own authoritative server. A {@link LocalDnsServer} serves its text, for all
 * zones at once.
 *
 * ```ts
 * new LocalZone("example.org", { domain: "example.org", records, nameServerAddress: "192.0.2.53", ttl: 3600 });
 * ```
 *
 * Creates the DnssecKey that signs it, unless it is not to be signed.
 */
export class LocalZone extends pulumi.ComponentResource {
  readonly domain: string;
  /** The whole zone file (RFC 1035 section 5). */
  readonly text: pulumi.Output<string>;
  /** What the parent zone has to publish (DS, RFC 4034 section 5); none when the zone is not signed. */
  readonly ds: pulumi.Output<string> | undefined;

  #signingKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: LocalZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "maildomain:index:LocalZone",
      name,
      { domain: args.domain, records: recordInputs(args.records) },
      opts,
    );
    this.domain = args.domain;
    this.text = renderText(args);
    const key =
      args.dnssec === false
        ? undefined
        : new DnssecKey(`${name}-key`, { zone: args.domain }, { parent: this });
    this.ds = key?.ds;
    this.#signingKey = key?.privateKey;
    this.registerOutputs({ domain: args.domain, ds: this.ds });
  }

  /** The key that signs the zone, PKCS#8 PEM, a secret; `undefined` when it is not signed. */
  get signingKey(): pulumi.Output<string> | undefined {
    return this.#signingKey;
  }
}

/** One line a role, so that a preview shows which record changes and how. */
function recordInputs(records: readonly PlannedRecord[]): Record<string, pulumi.Input<string>> {
  const lines = records.map(({ role, name, type, ttl, content }) => [
    role,
    pulumi.interpolate`${name} ${String(ttl)} ${type} ${content}`,
  ]);
  return Object.fromEntries(lines);
}

function renderText({ domain, records, nameServerAddress, ttl }: LocalZoneArgs): pulumi.Output<string> {
  const authority = {
    domain,
    nameServer: `ns1.${domain}`,
    nameServerAddress,
    mailbox: `hostmaster@${domain}`,
    ttl,
  };
  return pulumi.all(records.map(({ content }) => content)).apply((contents) =>
    renderZoneFile(
      authority,
      records.map((record, index) => ({ ...record, content: contents[index] ?? "" })),
    ),
  );
}
