import * as pulumi from "@pulumi/pulumi";
import { recordResource } from "../../../naming/resources.ts";
import type { Publisher } from "../../../publishers/publisher.ts";
import { namedRecords } from "../../../records/index.ts";
import { stub } from "./facts.ts";

class StubRecord extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super(stub.form.recordType, name, inputs, opts);
  }
}

/** What a domain says to the stub. */
interface StubSettings {
  readonly stubZone?: string;
}

export const stubPublisher: Publisher = {
  createZone(name, { zone, groups, declared }, opts) {
    const { stubZone } = declared as StubSettings;
    const parent = new pulumi.ComponentResource(stub.form.zoneType, name, { domain: zone, stubZone }, opts);
    for (const [key, { name: host, type: rrtype, ttl: seconds, content: answer }] of namedRecords({
      zone,
      groups,
    })) {
      new StubRecord(recordResource(name, key), { host, rrtype, seconds, answer }, { parent });
    }
    return { nodes: { zone: parent } };
  },
};
