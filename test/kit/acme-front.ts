import { once } from "node:events";
import { createServer, type Server, request as toAuthority } from "node:https";
import type { Socket } from "node:net";
import { type AcmeAuthority, freePort, ownPair } from "./acme-authority.ts";

/** What is answered in the authority's place. */
export interface Fault {
  readonly status: number;
  readonly type?: string | undefined;
  readonly body: string;
  readonly retryAfter?: number | undefined;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** What the client has signed, for those that it signs. */
  readonly payload: Record<string, unknown> | undefined;
  /** The type of the problem that it was answered with, if any, as in `badNonce`. */
  problem?: string | undefined;
}

/** An ACME problem document (RFC 8555 section 6.7). */
export function acmeProblem(status: number, type: string, detail: string, retryAfter?: number): Fault {
  const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status });
  return { status, type: "application/problem+json", body, retryAfter };
}

/** Stands before an authority: notes what it is asked, gives other answers, and can be down. */
export class AcmeFront implements AsyncDisposable {
  readonly directory: string;
  readonly root: string;
  readonly requests: SeenRequest[] = [];
  /** Gives another answer than the authority's; undefined for the authority's own. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  /** Makes another text of the authority's own answer, or keeps it back for a while. */
  rewrite: (text: string) => string | Promise<string> = (text) => text;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();

  private constructor(
    authority: AcmeAuthority,
    port: number,
    pair: { root: string; key: string; certificate: string },
  ) {
    this.#port = port;
    this.directory = `https://localhost:${port}/dir`;
    this.root = pair.root;
    const target = new URL(authority.directory);
    this.#server = createServer({ key: pair.key, cert: pair.certificate }, (incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => {
        const body = Buffer.concat(parts);
        const seen: SeenRequest = {
          method: incoming.method ?? "",
          path: incoming.url ?? "",
          payload: payloadOf(body),
        };
        this.requests.push(seen);
        const fault = this.fault(seen);
        if (fault !== undefined) {
          seen.problem = problemType(fault.body);
          answer.writeHead(fault.status, {
            "Content-Type": fault.type ?? "text/html",
            ...(fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) }),
          });
          answer.end(fault.body);
          return;
        }
        // The authority makes its URLs from the Host header, so that they lead here.
        const passed = toAuthority(
          {
            host: "127.0.0.1",
            port: target.port,
            servername: target.hostname,
            ca: authority.root,
            method: incoming.method,
            path: incoming.url,
            headers: incoming.headers,
            agent: false,
          },
          (response) => {
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("end", async () => {
              const own = Buffer.concat(parts).toString();
              seen.problem = problemType(own);
              const text = await this.rewrite(own);
              const { "content-length": _former, ...headers } = response.headers;
              answer.writeHead(response.statusCode ?? 502, headers);
              answer.end(text);
            });
          },
        );
        passed.on("error", () => answer.destroy());
        passed.end(body);
      });
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(authority: AcmeAuthority): Promise<AcmeFront> {
    const front = new AcmeFront(authority, await freePort(), await ownPair(["localhost"]));
    await front.begin();
    return front;
  }

  async begin(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Nobody answers any more. */
  async end(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** The requests for new orders; one whose nonce was refused comes again by itself (RFC 8555 section 6.5). */
  get newOrders(): SeenRequest[] {
    return this.requests.filter(({ path, problem }) => path === "/order-plz" && problem !== "badNonce");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

function problemType(body: string): string | undefined {
  return /"type":\s*"urn:ietf:params:acme:error:(\w+)"/.exec(body)?.[1];
}

/** Of a signed request (RFC 8555 section 6.2). */
function payloadOf(body: Buffer): Record<string, unknown> | undefined {
  try {
    const { payload = "" } = JSON.parse(body.toString()) as { payload?: string };
    return payload === ""
      ? {}
      : (JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}
