/**
 * A stand-in of the DNS part of Cloudflare's HTTP API (version 4), for tests: zones, the token's check, and DNS
 * records. `stand-in.test.ts` holds it to the official client.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { domainToASCII, domainToUnicode } from "node:url";
import { ApiError, noRoute, problems } from "./api-error.ts";
import type { Body } from "./record-form.ts";
import { ZoneRecords } from "./zone-records.ts";

/** What a token may be allowed, as the dashboard calls it: Zone → Zone, Zone → DNS. */
export type Right = "zone:read" | "dns:read" | "dns:edit";

export interface TokenOptions {
  /** @default all of them */
  readonly rights?: readonly Right[];
  /** The zones that it is for, by name. @default every zone */
  readonly zones?: readonly string[];
}

interface Zone {
  readonly id: string;
  /** In A-labels, as its records have it. */
  readonly name: string;
  readonly records: ZoneRecords;
}

interface Answer {
  readonly result: unknown;
  readonly result_info?: object;
  readonly messages?: readonly object[];
}

const base = "/client/v4";
const identifier = /^[0-9a-f]{32}$/;
/** Tokens have 40 characters, newer ones a prefix as well; the old global keys have 37. */
const tokenForm = /^Bearer ([\w-]{40,80})$/;

export class CloudflareStandIn implements AsyncDisposable {
  /** Every request as it came: `GET /zones/…`. */
  readonly requests: string[] = [];
  /** What a client's base URL has to be. */
  readonly baseUrl: string;
  readonly #server: Server;
  readonly #zones = new Map<string, Zone>();
  readonly #tokens = new Map<string, TokenOptions>();

  private constructor(server: Server, keepsConnections: boolean) {
    this.#server = server;
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`;
    const used = new WeakSet<object>();
    server.on("request", (request, response) => {
      if (!keepsConnections && used.has(request.socket)) request.socket.destroy();
      else void this.#serve(request, response);
      used.add(request.socket);
    });
  }

  /** @param options.keepsConnections - false: closes each without a word as it is used again. @default true */
  static async start({ keepsConnections = true } = {}): Promise<CloudflareStandIn> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new CloudflareStandIn(server, keepsConnections);
  }

  /** @returns the zone's id. */
  addZone(domain: string): string {
    const id = randomBytes(16).toString("hex");
    const name = domainToASCII(domain);
    this.#zones.set(id, { id, name, records: new ZoneRecords(name) });
    return id;
  }

  addToken(options: TokenOptions = {}): string {
    const token = randomBytes(20).toString("hex");
    this.#tokens.set(token, options);
    return token;
  }

  /** What a zone holds, without the API. */
  records(zoneId: string): ZoneRecords {
    const zone = this.#zones.get(zoneId);
    if (zone === undefined) throw new Error(`there is no zone ${zoneId}`);
    return zone.records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, answer] = await this.#answer(request).then(
      ({ messages = [], ...rest }) => [200, { ...rest, success: true, errors: [], messages }] as const,
      (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        return [
          error.status,
          { result: null, success: false, errors: error.problems, messages: [] },
        ] as const;
      },
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "", this.baseUrl);
    const path = url.pathname.slice(base.length);
    const method = request.method ?? "GET";
    this.requests.push(`${method} ${path}${url.search}`);
    const body = await readBody(request);
    const token = this.#authenticate(request.headers.authorization, path);
    if (path === "/user/tokens/verify") {
      const result = { id: randomBytes(16).toString("hex"), status: "active" };
      return {
        result,
        messages: [{ code: 10_000, message: "This API Token is valid and active", type: null }],
      };
    }
    const [, collection, zoneId, part, recordId, ...more] = path.split("/");
    if (collection !== "zones" || more.length > 0) throw new ApiError(404, noRoute(url.pathname));
    if (zoneId === undefined && method === "GET") return this.#listZones(token, url.searchParams);
    if (!identifier.test(zoneId ?? "")) throw new ApiError(400, noRoute(url.pathname));
    if (part === undefined && method === "GET") return { result: zoneView(this.#zone(zoneId, token)) };
    if (part !== "dns_records") throw new ApiError(404, noRoute(url.pathname));
    const { records } = this.#zone(zoneId, token, method === "GET" ? "dns:read" : "dns:edit");
    if (recordId === undefined) {
      if (method === "GET") return recordPage(records, url.searchParams);
      if (method === "POST") return { result: records.create(body) };
    }
    if (recordId === "batch" && method === "POST") return { result: records.batch(body) };
    if (!identifier.test(recordId ?? "")) throw new ApiError(400, noRoute(url.pathname));
    return { result: changeRecord(records, method, recordId ?? "", body) };
  }

  #authenticate(header: string | undefined, path: string): TokenOptions {
    const token = tokenForm.exec(header ?? "")?.[1];
    if (token === undefined) throw new ApiError(400, problems.malformedToken);
    const options = this.#tokens.get(token);
    if (options !== undefined) return options;
    throw path === "/user/tokens/verify"
      ? new ApiError(401, problems.unknownTokenAtVerification)
      : new ApiError(403, problems.unknownToken);
  }

  #zone(id: string | undefined, token: TokenOptions, right: Right = "zone:read"): Zone {
    const zone = this.#zones.get(id ?? "");
    if (zone === undefined) throw new ApiError(400, problems.noSuchZone);
    if (isFor(token, zone) && allows(token, right)) return zone;
    throw new ApiError(403, right === "zone:read" ? problems.notAllowed : problems.noDnsRight);
  }

  #listZones(token: TokenOptions, query: URLSearchParams): Answer {
    if (!allows(token, "zone:read")) throw new ApiError(403, problems.notAllowed);
    const name = query.get("name");
    const found = [...this.#zones.values()].filter(
      (zone) => isFor(token, zone) && (name === null || domainToUnicode(zone.name) === name),
    );
    const page = Number(query.get("page") ?? 1);
    const perPage = Number(query.get("per_page") ?? 20);
    const shown = found.slice((page - 1) * perPage, page * perPage);
    return { result: shown.map(zoneView), result_info: pageInfo(page, perPage, shown.length, found.length) };
  }
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text === "") return {};
  try {
    return JSON.parse(text) as Body;
  } catch {
    throw new ApiError(400, problems.unreadableBody);
  }
}

function isFor({ zones }: TokenOptions, { name }: Zone): boolean {
  return zones === undefined || zones.includes(name);
}

/** The right to edit contains the right to read. */
function allows({ rights }: TokenOptions, right: Right): boolean {
  return (
    rights === undefined || rights.includes(right) || (right === "dns:read" && rights.includes("dns:edit"))
  );
}

/** Zones are called in Unicode, and found under no other name (cloudflare/cloudflare-go#347); records are not. */
function zoneView({ id, name: ascii }: Zone): object {
  const name = domainToUnicode(ascii);
  return { id, name, status: "active", paused: false, type: "full", plan: { name: "Free Website" } };
}

function recordPage(records: ZoneRecords, query: URLSearchParams): Answer {
  const { records: shown, page, perPage, total } = records.list(query);
  return { result: shown, result_info: pageInfo(page, perPage, shown.length, total) };
}

function pageInfo(page: number, per_page: number, count: number, total_count: number): object {
  return { page, per_page, count, total_count, total_pages: Math.ceil(total_count / per_page) };
}

function changeRecord(records: ZoneRecords, method: string, id: string, body: Body): unknown {
  if (method === "GET") return records.get(id);
  if (method === "PUT") return records.overwrite(id, body);
  if (method === "PATCH") return records.edit(id, body);
  if (method === "DELETE") return records.remove(id);
  throw new ApiError(405, {
    code: 10_000,
    message: `${method} method not allowed for the api_token authentication scheme`,
  });
}
