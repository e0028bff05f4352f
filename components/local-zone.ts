import * as pulumi from "@pulumi/pulumi";
import { renderZoneFile } from "../records/index.ts";
import type { DnsZoneArgs, PlannedRecord } from "./dns-zone.ts";

export interface LocalZoneArgs extends DnsZoneArgs {
  /** The address under which others reach the stack's name server. @example "127.0.0.1" */
  readonly nameServerAddress: string;
  /** How long others may keep a record, in seconds. */
  readonly ttl: number;
}

/**
 * A domain's zone on the stack's own authoritative server. It has no children: a {@link LocalDnsServer} serves
 * its text, for all zones at once.
 *
 * ```ts
 * new LocalZone("example.org", { domain: "example.org", records, nameServerAddress: "192.0.2.53", ttl: 3600 });
 * ```
 */
export class LocalZone extends pulumi.ComponentResource {
  readonly domain: string;
  /** The whole zone file (RFC 1035 section 5). */
  readonly text: pulumi.Output<string>;

  constructor(name: string, args: LocalZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "maildomain:index:LocalZone",
      name,
      { domain: args.domain, records: recordInputs(args.records) },
      opts,
    );
    this.domain = args.domain;
    this.text = renderText(args);
    this.registerOutputs({ domain: args.domain });
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
