import Cloudflare from "cloudflare";
import { type LiveRecord, liveRecord } from "../adopt/live-record.ts";
import { isWithin } from "../records/index.ts";

/** A zone as a stack file names it. */
export interface NamedZone {
  readonly name: string;
  readonly id: string;
  /** Where the stack file names it. @example "maildomain:domains[0].cloudflareZone" */
  readonly setting: string;
}

export interface CloudflareAccess {
  readonly token: string;
  /** @default the public API */
  readonly baseUrl?: string | undefined;
}

/** Zones cannot be read; the message names the setting of each problem. */
export class LiveZoneError extends Error {
  override readonly name = "LiveZoneError";
}

/**
 * Reads the records of zones. Every request is a GET.
 *
 * @returns the records by the zone's id.
 * @throws LiveZoneError with what is wrong with every zone at once.
 */
export async function readLiveZones(
  zones: readonly NamedZone[],
  { token, baseUrl }: CloudflareAccess,
): Promise<ReadonlyMap<string, readonly LiveRecord[]>> {
  const client = new Cloudflare({
    apiToken: token,
    // Otherwise the client takes them from the environment, and sends them as well.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  });
  const problems: string[] = [];
  const found = new Map<string, readonly LiveRecord[]>();
  for (const zone of zones) {
    try {
      found.set(zone.id, await readZone(client, zone));
    } catch (error) {
      problems.push(describeProblem(error, zone, client.baseURL));
    }
  }
  if (problems.length === 0) return found;
  throw new LiveZoneError([...new Set(problems)].join("\n"));
}

async function readZone(client: Cloudflare, zone: NamedZone): Promise<readonly LiveRecord[]> {
  const records: LiveRecord[] = [];
  for await (const answer of client.dns.records.list({ zone_id: zone.id, per_page: 1000 })) {
    records.push(liveRecord(answer));
  }
  const name = await nameOf(client, zone, records);
  if (name === zone.name) return records;
  // Cloudflare would take our names for relative ones, and put its own zone's behind them.
  throw new LiveZoneError(
    `${zone.setting}: ${zone.id} is the zone of ${name}, not of ${zone.name}: write the id of ${zone.name}` +
      (isWithin(zone.name, name) ? `, or say that it lies in this one with zone: ${name}` : ""),
  );
}

/** Only the right to read zones tells a zone's name; without it, its records have to lie in it. */
async function nameOf(
  client: Cloudflare,
  { id, name }: NamedZone,
  records: readonly LiveRecord[],
): Promise<string> {
  try {
    return (await client.zones.get({ zone_id: id })).name;
  } catch (error) {
    if (!(error instanceof Cloudflare.PermissionDeniedError)) throw error;
    return records.find((record) => !isWithin(record.name, name))?.name ?? name;
  }
}

/** The codes are those of test/cloudflare/api-error.ts. */
function describeProblem(error: unknown, { name, id, setting }: NamedZone, baseUrl: string): string {
  if (error instanceof LiveZoneError) return error.message;
  if (error instanceof Cloudflare.APIConnectionError) {
    return `cloudflare:baseUrl: ${baseUrl} cannot be reached (${causeOf(error)})`;
  }
  if (!(error instanceof Cloudflare.APIError)) throw error;
  const said = error.errors.map(({ code, message }) => `${code} ${message}`).join(", ");
  const answer = `Cloudflare answers ${error.status}${said === "" ? "" : `: ${said}`}`;
  const codes = error.errors.map(({ code }) => code);
  if (codes.includes(6003)) {
    return `cloudflare:apiToken: is no API token: make one under My Profile, API Tokens; a global key is none (${answer})`;
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
    return `${setting}: there is no zone ${id}: copy the id from the zone's overview page (${answer})`;
  }
  return `${setting}: the zone ${id} could not be read: try again later (${answer})`;
}

function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? causeOf(cause) : message;
}
