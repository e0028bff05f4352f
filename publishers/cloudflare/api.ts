/** What is asked of Cloudflare's API: https://developers.cloudflare.com/api/ */
import { setTimeout as sleep } from "node:timers/promises";

export interface CloudflareAccess {
  readonly token: string;
  /** @default the public API */
  readonly baseUrl?: string | undefined;
}

/** The API has answered with a refusal. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;
  readonly problems: readonly ApiProblem[];

  constructor(status: number, problems: readonly ApiProblem[]) {
    const said = problems.map(({ code, message }) => `${code} ${message}`).join(", ");
    super(`Cloudflare answers ${status}${said === "" ? "" : `: ${said}`}`);
    this.status = status;
    this.problems = problems;
  }
}

/** Nobody has answered. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

interface ApiProblem {
  readonly code: number;
  readonly message: string;
}

interface Answer<Result> {
  readonly result: Result;
  readonly errors?: readonly ApiProblem[] | null | undefined;
  readonly result_info?: { readonly total_pages?: number | undefined } | null | undefined;
}

/** The most that Cloudflare gives in one page of records. */
const PAGE = 1000;
const TIMEOUT_MS = 60_000;
/** Before it is asked again, where it has not answered, or is too busy to. */
const PAUSES_MS = [500, 2000];

export class CloudflareApi {
  readonly baseUrl: string;
  readonly #token: string;

  constructor({ token, baseUrl = "https://api.cloudflare.com/client/v4" }: CloudflareAccess) {
    this.baseUrl = baseUrl.replace(/\/$/, "");
    this.#token = token;
  }

  /** A list, page by page. */
  async *list<Item>(path: string): AsyncGenerator<readonly Item[]> {
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const { result, result_info } = await this.#ask<readonly Item[]>(
        `${path}?per_page=${PAGE}&page=${page}`,
      );
      yield result;
      pages = result_info?.total_pages ?? pages;
    }
  }

  async get<Result>(path: string): Promise<Result> {
    return (await this.#ask<Result>(path)).result;
  }

  async post(path: string, body: object): Promise<void> {
    await this.#ask(path, { method: "POST", body: JSON.stringify(body) });
  }

  async #ask<Result>(path: string, init: RequestInit = {}): Promise<Answer<Result>> {
    for (const pause of PAUSES_MS) {
      const answer = await this.#askOnce<Result>(path, init).catch((error: unknown) => {
        if (!isPassing(error)) throw error;
      });
      if (answer !== undefined) return answer;
      await sleep(pause);
    }
    return await this.#askOnce(path, init);
  }

  async #askOnce<Result>(path: string, init: RequestInit): Promise<Answer<Result>> {
    const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${this.baseUrl}${path}`, { ...init, headers, signal }).catch(unreachable);
    // What stands between may answer in its own words.
    const answer = (await response.json().catch(() => ({}))) as Partial<Answer<Result>>;
    if (!response.ok || answer.result === undefined)
      throw new RefusedError(response.status, answer.errors ?? []);
    return answer as Answer<Result>;
  }
}

function unreachable(cause: unknown): never {
  throw new UnreachableError(lastCause(cause as Error).message, { cause });
}

function lastCause(error: Error): Error {
  return error.cause instanceof Error ? lastCause(error.cause) : error;
}

function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof RefusedError && (error.status === 429 || error.status >= 500);
}
