/** What the API makes of a record that it is given: the checks, and the one form in which it keeps it. */
import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { canonicalIPv6, quoteText, unquoteText } from "../../records/index.ts";
import { ApiError, type ApiProblem, noDataField, problems } from "./api-error.ts";

/** A request's body as it came: of any type, and any of it may be missing. */
export type Body = Readonly<Record<string, unknown>>;
type Data = Readonly<Record<string, string | number>>;

/** A record as the API keeps it. */
export interface RecordForm {
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly priority?: number;
  readonly data?: Data;
  readonly ttl: number;
  readonly proxied: boolean;
  readonly proxiable: boolean;
  readonly comment: string | null;
  readonly tags: readonly string[];
  readonly settings: { readonly flatten_cname?: boolean };
}

/** `text` are names or hexadecimal digits, the rest numbers; the order is that of the record's content. */
const dataFields: Readonly<Record<string, { readonly numbers: readonly string[]; readonly text: string }>> = {
  SRV: { numbers: ["priority", "weight", "port"], text: "target" },
  TLSA: { numbers: ["usage", "selector", "matching_type"], text: "certificate" },
  DS: { numbers: ["key_tag", "algorithm", "digest_type"], text: "digest" },
};
const proxiableTypes = new Set(["A", "AAAA", "CNAME"]);
const plainTypes = new Set(["A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT"]);
/** What a comment holds in a zone of the free plan (docs: DNS, record attributes). */
const longestComment = 100;

/** @throws ApiError with all that is wrong. */
export function normalizeRecord(body: Body, zone: string): RecordForm {
  const found: ApiProblem[] = [];
  const type = String(body.type ?? "");
  if (!plainTypes.has(type) && dataFields[type] === undefined && type !== "CAA") found.push(problems.type);
  const name = normalizeOwner(body.name, zone, found);
  const parts = contentOf(type, body, found);
  // A record without a TTL, and every proxied one, has the automatic one (API reference: `ttl`).
  const proxied = body.proxied === true;
  const ttl = proxied ? 1 : Number(body.ttl ?? 1);
  if (!Number.isInteger(ttl) || (ttl !== 1 && (ttl < 60 || ttl > 86_400))) found.push(problems.ttl);
  const proxiable = proxiableTypes.has(type);
  if (proxied && !proxiable) found.push(problems.notProxiable);
  const comment = typeof body.comment === "string" && body.comment !== "" ? body.comment : null;
  if ([...(comment ?? "")].length > longestComment) found.push(problems.comment);
  if (found.length > 0) throw new ApiError(400, ...found);
  const tags = Array.isArray(body.tags) ? body.tags.map(String) : [];
  return { name, type, ...parts, ttl, proxied, proxiable, comment, tags, settings: settingsOf(type, body) };
}

/** A proxied alias is flattened anyway, and the setting is dropped without a word (StackExchange/dnscontrol#4026). */
function settingsOf(type: string, { settings, proxied }: Body): RecordForm["settings"] {
  const isFlattened = (settings as Body | undefined)?.flatten_cname === true;
  return type === "CNAME" && isFlattened && proxied !== true ? { flatten_cname: true } : {};
}

/** Always in full and in Punycode, whatever was sent (API reference: `name`). */
function normalizeOwner(value: unknown, zone: string, found: ApiProblem[]): string {
  if (typeof value !== "string" || value === "") {
    found.push(problems.name);
    return "";
  }
  const ascii = toAscii(value.replace(/\.$/, ""));
  const full =
    ascii === "@" ? zone : ascii === zone || ascii.endsWith(`.${zone}`) ? ascii : `${ascii}.${zone}`;
  const isRight =
    full.length <= 255 &&
    full
      .replace(/^\*\./, "")
      .split(".")
      .every((label) => /^[a-z0-9_][a-z0-9_-]{0,62}$/.test(label));
  if (!isRight) found.push(problems.name);
  return full;
}

function contentOf(
  type: string,
  body: Body,
  found: ApiProblem[],
): Pick<RecordForm, "content" | "priority" | "data"> {
  if (dataFields[type] !== undefined) return fieldsOf(type, body, found);
  if (type === "CAA") return caaOf(body, found);
  const content = typeof body.content === "string" ? body.content : "";
  if (content === "") {
    found.push(problems.noContent);
    return { content };
  }
  if (type === "A" && !isIPv4(content)) found.push(problems.ipv4);
  if (type === "AAAA") {
    if (isIPv6(content)) return { content: canonicalIPv6(content) };
    found.push(problems.ipv6);
  }
  if (type === "CNAME" && !isHostName(content)) found.push(problems.alias);
  if (type === "TXT") return { content: splitText(content) };
  if (type === "MX") {
    if (content !== "." && (!isHostName(content) || isIPv4(content))) found.push(problems.exchange);
    const priority = body.priority;
    if (typeof priority !== "number") found.push(problems.noPriority);
    return { content: normalizeTarget(content), priority: Number(priority) };
  }
  return { content: type === "A" ? content : normalizeTarget(content) };
}

/** `content` is made of `data` (API reference: "See 'data' to set … properties"); the one that is sent is ignored. */
function fieldsOf(
  type: string,
  body: Body,
  found: ApiProblem[],
): Pick<RecordForm, "content" | "priority" | "data"> {
  const { numbers = [], text = "" } = dataFields[type] ?? {};
  const given = (body.data ?? {}) as Body;
  const missing = [...numbers, text].filter((field) => given[field] === undefined);
  found.push(...missing.map(noDataField));
  const tail = type === "SRV" ? normalizeTarget(String(given[text])) : String(given[text]);
  const data: Data = {
    ...Object.fromEntries(numbers.map((field) => [field, Number(given[field])])),
    [text]: tail,
  };
  const values = [...numbers.map((field) => data[field]), tail];
  // The priority stands at the top as well, and not in the content: terraform-provider-cloudflare's test of SRV.
  return type === "SRV"
    ? { content: values.slice(1).join(" "), priority: Number(data.priority), data }
    : { content: values.join(" "), data };
}

function caaOf(body: Body, found: ApiProblem[]): Pick<RecordForm, "content" | "data"> {
  const given = (body.data ?? {}) as Body;
  found.push(
    ...["flags", "tag", "value"]
      .filter((field) => given[field] === undefined)
      .map((field) => noDataField(field)),
  );
  const data = { flags: Number(given.flags), tag: String(given.tag), value: String(given.value) };
  return { content: `${data.flags} ${data.tag} "${data.value}"`, data };
}

/**
 * What is quoted becomes strings of at most 255 bytes (API reference: `content` of TXT;
 * terraform-provider-cloudflare#6238). What is not stays unchanged: go-acme/lego#2521.
 */
function splitText(content: string): string {
  return content.startsWith('"') ? quoteText(unquoteText(content)) : content;
}

/** Host names are kept lower case, without the final dot; a null MX or SRV is nothing but the dot (caddy#7301). */
function normalizeTarget(target: string): string {
  return target === "." ? target : toAscii(target.replace(/\.$/, ""));
}

function isHostName(content: string): boolean {
  return /^(?=.{1,254}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(toAscii(content));
}

/** "Complete DNS record name, including the zone name, in Punycode" (API reference: `name`). */
function toAscii(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name.toLowerCase() : domainToASCII(name);
}
