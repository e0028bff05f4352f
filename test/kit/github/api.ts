import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";

export interface Comment {
  readonly id: number;
  readonly user: { readonly login: string };
  body: string;
}

export interface Issue {
  readonly number: number;
  readonly user: { readonly login: string };
  title: string;
  state: string;
  body: string | null;
  readonly comments: Comment[];
}

type Fields = Readonly<Record<string, string>>;
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const BOT = "github-actions[bot]";
const LONGEST_BODY = 65_536;
/** Few, so that what is looked for may be on a later page. */
const PAGE = 2;

/** A stand-in of GitHub's REST API: the issues of one repository and their comments, in memory. */
export class GitHubApi {
  issues: Issue[] = [];
  /** Answers these requests with 503, as `GET /issues`, from the moment on that it is set. */
  failing: RegExp | undefined;
  /** What was asked, in order: `PATCH /issues/1`. */
  requests: string[] = [];
  readonly #folder: string;
  readonly #repository: string;
  readonly #token: string;
  readonly #server: Server;
  #lastId = 100;

  private constructor(folder: string, repository: string, token: string) {
    this.#folder = folder;
    this.#repository = repository;
    this.#token = token;
    this.#server = createServer(async (request, response) => {
      const { status, body, next } = await this.#answer(request);
      response.statusCode = status;
      response.setHeader("content-type", "application/json; charset=utf-8");
      if (next !== undefined) response.setHeader("link", `<${next}>; rel="next"`);
      response.end(JSON.stringify(body));
    });
  }

  static async start(folder: string, repository: string, token: string): Promise<GitHubApi> {
    const api = new GitHubApi(folder, repository, token);
    await mkdir(folder, { recursive: true });
    const socket = join(folder, "socket");
    // To a socket gh speaks without TLS, whatever the address.
    await writeFile(join(folder, "config.yml"), `http_unix_socket: ${socket}\n`);
    await once(api.#server.listen(socket), "listening");
    return api;
  }

  /** What points the real `gh` here. */
  get environment(): NodeJS.ProcessEnv {
    return { GH_CONFIG_DIR: this.#folder };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Everything is as before anybody has written anything. */
  clear(): void {
    this.issues = [];
    this.failing = undefined;
    this.requests = [];
  }

  add(login: string, fields: { number: number; title: string; body: string | null }): Issue {
    const issue = { ...fields, user: { login }, state: "open", comments: [] };
    this.issues.push(issue);
    return issue;
  }

  comment(issue: Issue, login: string, body: string): Comment {
    this.#lastId += 1;
    const comment = { id: this.#lastId, user: { login }, body };
    issue.comments.push(comment);
    return comment;
  }

  async #answer(request: IncomingMessage): Promise<Answer & { readonly next?: string }> {
    const url = new URL(request.url ?? "", "https://api.github.com");
    const path = url.pathname.replace(`/repos/${this.#repository}`, "");
    const asked = `${request.method} ${path}`;
    this.requests.push(asked);
    const fields = await fieldsOf(request);
    if (request.headers.authorization !== `token ${this.#token}`)
      return { status: 401, body: { message: "Bad credentials" } };
    if (this.failing?.test(asked))
      return { status: 503, body: { message: "No server is currently available" } };
    if ((fields.body ?? "").length > LONGEST_BODY)
      return { status: 422, body: { message: "Validation Failed: body is too long" } };
    const answer = this.#handle(asked, fields, url.searchParams);
    if (!Array.isArray(answer.body)) return answer;
    const page = Number(url.searchParams.get("page") ?? 1);
    url.searchParams.set("page", String(page + 1));
    const body = answer.body.slice((page - 1) * PAGE, page * PAGE);
    return answer.body.length > page * PAGE ? { ...answer, body, next: url.href } : { ...answer, body };
  }

  #handle(asked: string, fields: Fields, query: URLSearchParams): Answer {
    const [, number = ""] = /issues\/(\d+)/.exec(asked) ?? [];
    const issue = this.issues.find((each) => each.number === Number(number));
    const [, id = ""] = /issues\/comments\/(\d+)$/.exec(asked) ?? [];
    const comment = this.issues.flatMap(({ comments }) => comments).find((each) => each.id === Number(id));
    switch (asked.replace(/\d+/, "N")) {
      case "GET /issues":
        return { status: 200, body: this.#list(query) };
      case "POST /issues":
        return { status: 201, body: this.#open(fields) };
      case "PATCH /issues/N":
        if (issue !== undefined) return { status: 200, body: Object.assign(issue, fields) };
        break;
      case "GET /issues/N/comments":
        if (issue !== undefined) return { status: 200, body: issue.comments };
        break;
      case "POST /issues/N/comments":
        if (issue !== undefined) return { status: 201, body: this.comment(issue, BOT, fields.body ?? "") };
        break;
      case "PATCH /issues/comments/N":
        if (comment !== undefined) return { status: 200, body: Object.assign(comment, fields) };
        break;
    }
    return { status: 404, body: { message: "Not Found" } };
  }

  /** The newest first, unless asked otherwise. */
  #list(query: URLSearchParams): Issue[] {
    const found = this.issues.filter(({ state }) => state === query.get("state"));
    const oldestFirst = found.toSorted((one, other) => one.number - other.number);
    return query.get("direction") === "asc" ? oldestFirst : oldestFirst.toReversed();
  }

  #open({ title = "", body = "" }: Fields): Issue {
    const number = Math.max(0, ...this.issues.map((issue) => issue.number)) + 1;
    return this.add(BOT, { number, title, body });
  }
}

async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text === "" ? {} : (JSON.parse(text) as Fields);
}
