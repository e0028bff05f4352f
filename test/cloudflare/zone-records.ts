/** One zone's records, with the rules on what may stand beside what. */
import { randomBytes } from "node:crypto";
import { ApiError, problems } from "./api-error.ts";
import { type Body, normalizeRecord, type RecordForm } from "./record-form.ts";

/** A record as the API gives it back. Real answers are in caddyserver/caddy#7301. */
export interface ZoneRecord extends RecordForm {
  readonly id: string;
  readonly meta: RecordMeta;
  readonly created_on: string;
  readonly modified_on: string;
  readonly comment_modified_on?: string;
}

/**
 * What the API says of a record that one of Cloudflare's products keeps. Real answers: DNSControl/dnscontrol#3850 for
 * `read_only`.
 */
export interface RecordMeta {
  readonly auto_added?: boolean;
  readonly email_routing?: boolean;
  readonly managed_by_apps?: boolean;
  readonly managed_by_argo_tunnel?: boolean;
  readonly origin_worker_id?: string;
  readonly read_only?: boolean;
}

export interface Page {
  readonly records: readonly ZoneRecord[];
  readonly page: number;
  readonly perPage: number;
  readonly total: number;
}

const addresses = new Set(["A", "AAAA"]);

export class ZoneRecords {
  readonly #zone: string;
  #records: ReadonlyMap<string, ZoneRecord> = new Map();

  constructor(zone: string) {
    this.#zone = zone;
  }

  get all(): readonly ZoneRecord[] {
    return [...this.#records.values()];
  }

  /** Filters, order and pages as the API's reference of `GET /zones/{zone_id}/dns_records` has them. */
  list(query: URLSearchParams): Page {
    const tests = [...query].flatMap(([key, value]) => {
      const test = filter(key, value);
      return test === undefined ? [] : [test];
    });
    const any = query.get("match") === "any" && tests.length > 0;
    const matching = this.all.filter((record) =>
      any ? tests.some((test) => test(record)) : tests.every((test) => test(record)),
    );
    const order = (query.get("order") ?? "name") as "name" | "type" | "content" | "ttl" | "proxied";
    const sign = query.get("direction") === "desc" ? -1 : 1;
    matching.sort((a, b) => sign * compare(a[order], b[order]));
    const page = Number(query.get("page") ?? 1);
    const perPage = Number(query.get("per_page") ?? 100);
    return {
      records: matching.slice((page - 1) * perPage, page * perPage),
      page,
      perPage,
      total: matching.length,
    };
  }

  get(id: string): ZoneRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw new ApiError(404, problems.noSuchRecord);
    return record;
  }

  create(body: Body): ZoneRecord {
    return this.keep(body, {});
  }

  /** A product makes a record, in its own way: over the API nobody can. */
  keep(body: Body, meta: RecordMeta): ZoneRecord {
    const now = new Date().toISOString();
    return this.#put({ id: randomBytes(16).toString("hex"), created_on: now, meta }, body, now);
  }

  /** PUT: what is not sent is gone. */
  overwrite(id: string, body: Body): ZoneRecord {
    const { created_on, meta } = this.#changeable(id);
    return this.#put({ id, created_on, meta }, body, new Date().toISOString());
  }

  /** PATCH: what is not sent stays. */
  edit(id: string, body: Body): ZoneRecord {
    const { created_on, meta, ...old } = this.#changeable(id);
    const data = { ...old.data, ...(body.data as Body | undefined) };
    const merged = {
      ...old,
      ...body,
      ...(old.data !== undefined || body.data !== undefined ? { data } : {}),
    };
    return this.#put({ id, created_on, meta }, merged, new Date().toISOString());
  }

  remove(id: string): { readonly id: string } {
    this.#changeable(id);
    const left = new Map(this.#records);
    left.delete(id);
    this.#records = left;
    return { id };
  }

  /** Without the API: also what a product keeps. */
  clear(): void {
    this.#records = new Map();
  }

  /** In this order, and all or nothing (API reference: `POST …/dns_records/batch`). */
  batch(body: Body): Record<"deletes" | "patches" | "puts" | "posts", readonly ZoneRecord[]> {
    const before = this.#records;
    const items = (key: string): readonly Body[] => (body[key] ?? []) as readonly Body[];
    try {
      const deletes = items("deletes").map(({ id }) => {
        const record = this.get(String(id));
        this.remove(record.id);
        return record;
      });
      const patches = items("patches").map(({ id, ...rest }) => this.edit(String(id), rest));
      const puts = items("puts").map(({ id, ...rest }) => this.overwrite(String(id), rest));
      const posts = items("posts").map((item) => this.create(item));
      return { deletes, patches, puts, posts };
    } catch (error) {
      this.#records = before;
      throw error;
    }
  }

  #changeable(id: string): ZoneRecord {
    const record = this.get(id);
    if (record.meta.read_only === true) throw new ApiError(400, problems.readOnly);
    return record;
  }

  #put(kept: Pick<ZoneRecord, "id" | "created_on" | "meta">, body: Body, now: string): ZoneRecord {
    const form = normalizeRecord(body, this.#zone);
    this.#refuseConflict(kept.id, form);
    const record: ZoneRecord = {
      ...form,
      ...kept,
      modified_on: now,
      ...(form.comment === null ? {} : { comment_modified_on: now }),
    };
    this.#records = new Map(this.#records).set(kept.id, record);
    return record;
  }

  /**
   * "A/AAAA records cannot exist on the same name as CNAME records. NS records cannot exist on the same name as any
   * other record type." (API reference) The apex has its own NS records, which are not a delegation. Nothing else is
   * refused beside an alias, flattened or not (docs: DNS, records with the same name); what the DNS then shows of it is
   * another matter.
   */
  #refuseConflict(id: string, { name, type, content, priority, data }: RecordForm): void {
    for (const other of this.all) {
      if (other.id === id || other.name !== name) continue;
      if (type === "CNAME" && (addresses.has(other.type) || other.type === "CNAME")) {
        throw new ApiError(400, problems.besideAddress);
      }
      if (addresses.has(type) && other.type === "CNAME") throw new ApiError(400, problems.besideAlias);
      if (name !== this.#zone && type !== "NS" && other.type === "NS") {
        throw new ApiError(400, problems.besideDelegation);
      }
      const isSame =
        other.type === type &&
        other.content === content &&
        other.priority === priority &&
        JSON.stringify(other.data) === JSON.stringify(data);
      if (isSame) throw new ApiError(400, problems.identical);
    }
  }
}

type Test = (record: ZoneRecord) => boolean;

const comparisons: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  exact: (text, wanted) => text === wanted,
  contains: (text, wanted) => text.includes(wanted),
  startswith: (text, wanted) => text.startsWith(wanted),
  endswith: (text, wanted) => text.endsWith(wanted),
};

/** `type`, `proxied`, and `name`, `content` and `comment` with or without how they are compared: `name.contains`. */
function filter(key: string, value: string): Test | undefined {
  const [field = "", how = "exact"] = key.split(".");
  if (field === "type") return (record) => record.type === value;
  if (field === "proxied") return (record) => String(record.proxied) === value;
  if (field !== "name" && field !== "content" && field !== "comment") return undefined;
  if (how === "absent") return (record) => record[field] === null;
  if (how === "present") return (record) => record[field] !== null;
  const matches = comparisons[how];
  const wanted = value.toLowerCase();
  return (record) => matches?.((record[field] ?? "").toLowerCase(), wanted) ?? false;
}

function compare(a: string | number | boolean, b: string | number | boolean): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
