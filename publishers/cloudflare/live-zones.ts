import Cloudflare from "cloudflare";
import { comparableName, isWithin } from "../../records/index.ts";
import { type LiveRecord, LiveZoneError, type NamedZone } from "../live.ts";
import { liveRecord } from "./record-form.ts";

export interface CloudflareAccess {
  readonly token: string;
  /** @default the public API */
  readonly baseUrl?: string | undefined;
}

/**
 * Reads the records of zones. Every request is a GET.
 *
 * @returns the records by the zone's id.
 * @throws LiveZoneError with what is wrong with every zone at once.
 */
export async function readLiveZones(
  zones: readonly NamedZone[],
  access: CloudflareAccess,
): Promise<ReadonlyMap<string, readonly LiveRecord[]>> {
  const found = new Map<string, readonly LiveRecord[]>();
  await forEachZone(zones, access, async (client, zone) => {
    const records: LiveRecord[] = [];
    for await (const answer of client.dns.records.list({ zone_id: zone.id, per_page: 1000 })) {
      records.push(liveRecord(answer));
    }
    await refuseOtherZone(client, zone, records);
    found.set(zone.id, records);
  });
  return found;
}

/**
 * Makes sure that records can be read in zones, and written where that is what comes next. Changes nothing.
 *
 * @throws LiveZoneError with what is wrong with every zone at once.
 */
export async function checkLiveZones(
  zones: readonly NamedZone[],
  access: CloudflareAccess & { readonly write: boolean },
): Promise<void> {
  await forEachZone(zones, access, async (client, zone) => {
    const { result } = await client.dns.records.list({ zone_id: zone.id });
    await refuseOtherZone(client, zone, result);
    if (access.write) await refuseReader(client, zone);
  });
}

/** A polite number at once: Cloudflare allows 1200 requests in five minutes. */
const zonesAtOnce = 8;

async function forEachZone(
  zones: readonly NamedZone[],
  { token, baseUrl }: CloudflareAccess,
  act: (client: Cloudflare, zone: NamedZone) => Promise<void>,
): Promise<void> {
  const client = new Cloudflare({
    apiToken: token,
    // Otherwise the client takes them from the environment, and sends them as well.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  });
  const problems: string[] = [];
  let isReached = true;
  for (let start = 0; start < zones.length; start += zonesAtOnce) {
    const acts = zones.slice(start, start + zonesAtOnce).map((zone) =>
      act(client, zone).catch((error: unknown) => {
        isReached &&= !(error instanceof Cloudflare.APIConnectionError);
        return describeProblem(error, zone, client.baseURL);
      }),
    );
    problems.push(...(await Promise.all(acts)).filter((problem) => problem !== undefined));
  }
  if (problems.length > 0) throw new LiveZoneError([...new Set(problems)].join("\n"), isReached);
}

/** Cloudflare would take our names for relative ones, and put its own zone's behind them. */
async function refuseOtherZone(
  client: Cloudflare,
  { id, name, setting }: NamedZone,
  records: readonly { readonly name: string }[],
): Promise<void> {
  const other = records.find((record) => !isWithin(comparableName(record.name), name))?.name;
  if (records.length > 0 && other === undefined) return;
  const actual = (await nameOf(client, id)) ?? other ?? name;
  if (actual === name) return;
  throw new LiveZoneError(
    `${setting}: ${id} is the zone of ${actual}, not of ${name}: write the id of ${name}` +
      (isWithin(name, actual) ? `, or say that it lies in this one with zone: ${actual}` : ""),
  );
}

/**
 * A zone's name in A-labels, visible only with the right to read zones. The API gives the zone's in Unicode, those of
 * its records in A-labels: cloudflare/cloudflare-docs#1991.
 */
async function nameOf(client: Cloudflare, id: string): Promise<string | undefined> {
  try {
    return comparableName((await client.zones.get({ zone_id: id })).name);
  } catch (error) {
    if (error instanceof Cloudflare.PermissionDeniedError) return undefined;
    throw error;
  }
}

/** The API looks at rights before it looks at a record: one without a name and a type is refused to those who have them. */
async function refuseReader(client: Cloudflare, { id, name }: NamedZone): Promise<void> {
  try {
    await client.post(`/zones/${id}/dns_records`, { body: {} });
  } catch (error) {
    if (error instanceof Cloudflare.BadRequestError) return;
    if (!(error instanceof Cloudflare.PermissionDeniedError)) throw error;
    throw new LiveZoneError(
      `cloudflare:apiToken: the token may read the DNS records of ${name}, but not write them: ` +
        `give it the right Zone, DNS, Edit for this zone (${formatAnswer(error)})`,
    );
  }
}

/** The codes are those of test/cloudflare/api-error.ts. */
function describeProblem(error: unknown, { name, id, setting }: NamedZone, baseUrl: string): string {
  if (error instanceof LiveZoneError) return error.message;
  if (error instanceof Cloudflare.APIConnectionError) {
    return `cloudflare:baseUrl: ${baseUrl} cannot be reached (${causeOf(error)})`;
  }
  if (!(error instanceof Cloudflare.APIError)) throw error;
  const answer = formatAnswer(error);
  const codes = error.errors.map(({ code }) => code);
  if (codes.includes(6003)) {
    return `cloudflare:apiToken: is not an API token: make one under My Profile, API Tokens; a global key does not count (${answer})`;
  }
  if (error.status === 401 || error.errors.some(({ message }) => message === "Invalid access token")) {
    return `cloudflare:apiToken: Cloudflare does not know this token: make another one (${answer})`;
  }
  if (error.status === 403) {
    return (
      `cloudflare:apiToken: the token may not read the DNS records of ${name}, or ${setting} names no zone of it ` +
      `(${id}): give it the right Zone, DNS, Edit for this zone (${answer})`
    );
  }
  if (error.status === 400 || error.status === 404) {
    return `${setting}: "${id}" is not the id of a zone: copy the id from the zone's overview page (${answer})`;
  }
  return `${setting}: the zone ${id} could not be read: try again later (${answer})`;
}

function formatAnswer({ status, errors }: InstanceType<typeof Cloudflare.APIError>): string {
  const said = errors.map(({ code, message }) => `${code} ${message}`).join(", ");
  return `Cloudflare answers ${status}${said === "" ? "" : `: ${said}`}`;
}

function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? causeOf(cause) : message;
}
