/** A zone at the API's stand-in, and a stack that is to publish its records there. */
import type { Comparison } from "../../adopt/comparison.ts";
import type { ComparedZone } from "../../adopt/report.ts";
import { compareZones, openedZones } from "../../commands/adopt.ts";
import type { OpenedAccount } from "../../stacks/program/acme-settings.ts";
import { type LiveZoneSettings, liveZones } from "../../stacks/program/live-zones.ts";
import { type StackSettings, stackSchema } from "../../stacks/schema/config.ts";
import { CloudflareStandIn, type TokenOptions } from "../cloudflare/stand-in.ts";
import type { RecordMeta } from "../cloudflare/zone-records.ts";

export interface Run {
  readonly settings?: StackSettings;
  readonly takeOver?: readonly string[];
  readonly token?: TokenOptions | string;
  readonly contents?: ReadonlyMap<string, string>;
  readonly account?: OpenedAccount;
  readonly held?: ReadonlyMap<string, string>;
}

/** A record as it is sent to the API, with what a product of Cloudflare's says of it. */
export type LiveBody = Readonly<Record<string, unknown>> & { readonly meta?: RecordMeta };

/** A comparison by the names and contents that are in it. */
export function names({ matches, conflicts, creations }: Comparison) {
  return {
    matches: matches.map(({ wanted }) => wanted.resource),
    conflicts: conflicts.map(({ wanted, live }) => [
      ...wanted.map(({ resource }) => resource),
      ...live.map(({ content }) => content),
    ]),
    creations: creations.map(({ resource }) => resource),
  };
}

export class AdoptedZone implements AsyncDisposable {
  readonly name: string;
  /** The zone's, at the stand-in. */
  readonly id: string;
  standIn: CloudflareStandIn;

  private constructor(standIn: CloudflareStandIn, name: string) {
    this.standIn = standIn;
    this.name = name;
    this.id = standIn.addZone(name);
  }

  static async start(name = "example.org"): Promise<AdoptedZone> {
    return new AdoptedZone(await CloudflareStandIn.start(), name);
  }

  /** Raw, as in a stack file. */
  domain(changes: object = {}): Record<string, unknown> {
    const own = { name: this.name, dns: "cloudflare", cloudflareZone: this.id };
    return { ...own, mailboxes: [{ name: "ana" }], ...changes };
  }

  /** @param changes - of the one domain. @param rest - further settings of the stack. */
  settings(changes: object = {}, rest: object = {}): StackSettings {
    return stackSchema.parse({
      domains: [this.domain(changes)],
      publicAddresses: { ipv4: "192.0.2.25" },
      ...rest,
    });
  }

  fill(records: readonly object[]): void {
    for (const record of records) {
      const { meta = {}, ...body } = record as LiveBody;
      this.standIn.records(this.id).keep(body, meta);
    }
  }

  clear(): void {
    this.standIn.records(this.id).clear();
  }

  async adopt(run: Run = {}): Promise<{ zones: LiveZoneSettings[]; adoption: ComparedZone[] }> {
    const {
      settings = this.settings(),
      takeOver = [],
      token = {},
      contents,
      account,
      held = new Map(),
    } = run;
    const zones = liveZones(settings, contents, account);
    const credentials = {
      "cloudflare:baseUrl": this.standIn.baseUrl,
      "cloudflare:apiToken": typeof token === "string" ? token : this.standIn.addToken(token),
    };
    const domains = new Set(settings.domains.map(({ name }) => name));
    const options = { takeOver: new Set(takeOver), held, domains };
    return { zones, adoption: await compareZones(zones, openedZones(zones, credentials), options) };
  }

  async compare(run?: Run): Promise<Comparison> {
    const [first] = (await this.adopt(run)).adoption;
    if (first === undefined) throw new Error("there is no zone");
    return first.comparison;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.standIn[Symbol.asyncDispose]();
  }
}
