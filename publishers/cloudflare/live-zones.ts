import { comparableName, isWithin } from "../../records/index.ts";
import { type LiveRecord, LiveZoneError, type NamedZone } from "../live.ts";
import { type CloudflareAccess, CloudflareApi, RefusedError, UnreachableError } from "./api.ts";
import { type CloudflareAnswer, liveRecord } from "./record-form.ts";

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
  await forEachZone(zones, access, async (api, zone) => {
    const records: LiveRecord[] = [];
    for await (const answers of api.list<CloudflareAnswer>(recordsOf(zone))) {
      records.push(...answers.map(liveRecord));
    }
    await refuseOtherZone(api, zone, records);
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
  await forEachZone(zones, access, async (api, zone) => {
    const { value: records = [] } = await api.list<CloudflareAnswer>(recordsOf(zone)).next();
    await refuseOtherZone(api, zone, records);
    if (access.write) await refuseReader(api, zone);
  });
}

/** A polite number at once: Cloudflare allows 1200 requests in five minutes. */
const zonesAtOnce = 8;

function recordsOf({ id }: NamedZone): string {
  return `/zones/${id}/dns_records`;
}

async function forEachZone(
  zones: readonly NamedZone[],
  access: CloudflareAccess,
  act: (api: CloudflareApi, zone: NamedZone) => Promise<void>,
): Promise<void> {
  const api = new CloudflareApi(access);
  const problems: string[] = [];
  let isReached = true;
  for (let start = 0; start < zones.length; start += zonesAtOnce) {
    const acts = zones.slice(start, start + zonesAtOnce).map((zone) =>
      act(api, zone).catch((error: unknown) => {
        isReached &&= !(error instanceof UnreachableError);
        return describeProblem(error, zone, api.baseUrl);
      }),
    );
    problems.push(...(await Promise.all(acts)).filter((problem) => problem !== undefined));
  }
  if (problems.length > 0) throw new LiveZoneError([...new Set(problems)].join("\n"), isReached);
}

/** Cloudflare would take our names for relative ones, and put its own zone's behind them. */
async function refuseOtherZone(
  api: CloudflareApi,
  { id, name, setting }: NamedZone,
  records: readonly { readonly name: string }[],
): Promise<void> {
  const other = records.find((record) => !isWithin(comparableName(record.name), name))?.name;
  if (records.length > 0 && other === undefined) return;
  const actual = (await nameOf(api, id)) ?? other ?? name;
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
async function nameOf(api: CloudflareApi, id: string): Promise<string | undefined> {
  try {
    return comparableName((await api.get<{ readonly name: string }>(`/zones/${id}`)).name);
  } catch (error) {
    if (error instanceof RefusedError && error.status === 403) return undefined;
    throw error;
  }
}

/** The API looks at rights before it looks at a record: one without a name and a type is refused to those who have them. */
async function refuseReader(api: CloudflareApi, zone: NamedZone): Promise<void> {
  try {
    await api.post(recordsOf(zone), {});
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.status === 400) return;
    if (error.status !== 403) throw error;
    throw new LiveZoneError(
      `cloudflare:apiToken: the token may read the DNS records of ${zone.name}, but not write them: ` +
        `give it the right Zone, DNS, Edit for this zone (${error.message})`,
    );
  }
}

/** The codes are those of test/cloudflare/api-error.ts. */
function describeProblem(error: unknown, { name, id, setting }: NamedZone, baseUrl: string): string {
  if (error instanceof LiveZoneError) return error.message;
  if (error instanceof UnreachableError) {
    return `cloudflare:baseUrl: ${baseUrl} cannot be reached (${error.message})`;
  }
  if (!(error instanceof RefusedError)) throw error;
  const { message: answer, problems } = error;
  const codes = problems.map(({ code }) => code);
  if (codes.includes(6003)) {
    return `cloudflare:apiToken: is not an API token: make one under My Profile, API Tokens; a global key does not count (${answer})`;
  }
  if (error.status === 401 || problems.some(({ message }) => message === "Invalid access token")) {
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
