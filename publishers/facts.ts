/** What the rest of the program knows of a publisher of zones, without Pulumi and without asking anybody. */
import type * as z from "zod";
import type { LiveAccess } from "./live.ts";

export interface PublisherFacts {
  /** What a domain's `dns` setting says. @example "cloudflare" */
  readonly name: string;
  /** How people know it. @example "Cloudflare" */
  readonly title: string;
  /** The same as the reference of settings has it, with how the stack logs in there. */
  readonly description: string;
  /** The settings that each domain has for it, by their keys. */
  readonly settings: Readonly<Record<string, z.ZodType<string | undefined>>>;
  /** Those of them that it cannot do without, and what to write. @example { cloudflareZone: "the zone's id" } */
  readonly needs: Readonly<Record<string, string>>;
  /** Whether the stack's own name server answers for its zones, so that the stack signs them too. */
  readonly isOwnServer: boolean;
  /** How else its zones are signed (DNSSEC), for the reference of settings. */
  readonly signing?: string;
  /** How a preview shows its zones. */
  readonly form: PreviewForm;
  /** How to reach what stands in its zones now, where others write to them as well. */
  readonly live?: LiveAccess;
}

/** What a preview has of a publisher's records. */
export type PreviewForm = ZoneForm | RecordForm;

/** The component of a zone has all of its records as an input, a line per role: `name ttl type content`. */
export interface ZoneForm {
  readonly kind: "zone";
  /** The component's type. @example "maildomain:index:LocalZone" */
  readonly zoneType: string;
  /** The input. */
  readonly lines: string;
}

/** Each record is a resource of its own, and others may have records in the zone too. */
export interface RecordForm {
  readonly kind: "record";
  /** The type of the component of a zone, which has the zone's name as its input `domain`. */
  readonly zoneType: string;
  /** The type of a record's resource. */
  readonly recordType: string;
  /** Older types, which another program may still use. @default [] */
  readonly formerRecordTypes?: readonly string[];
  /** The inputs from which the content is read: it is unknown where one of them is. */
  readonly contentInputs: readonly string[];
  /** The record that a resource's inputs stand for; `undefined` where they have no name or type. */
  fromInputs(inputs: Readonly<Record<string, unknown>>): FormedRecord | undefined;
  /** Whether HTTP would go through the publisher's proxy, which takes no mail. @default it has no proxy */
  isProxied?(inputs: Readonly<Record<string, unknown>>): boolean;
}

/** A record, read from inputs. */
export interface FormedRecord {
  /** In full, lower case, no trailing dot. */
  readonly name: string;
  readonly type: string;
  /** In seconds. */
  readonly ttl: number | undefined;
  /** In presentation format, TXT unquoted. */
  readonly content: string;
}
