import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/**
 * A registry on loopback, from which every engine pulls without TLS: as much of the OCI distribution specification as a push
 * and a pull of one image need.
 */
export class LocalRegistry {
  /** Blobs and manifests by digest, manifests by tag, uploads by their number. */
  readonly #content = new Map<string, Buffer>();
  readonly #types = new Map<string, string>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.writeHead(500).end());
  });

  /** @returns the name of its host in those of images. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://registry");
    const [, folder = "", key = ""] =
      /^\/v2\/.+\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
    const body = await buffer(request);
    const reply = (status: number, headers: Record<string, string | number> = {}, content?: Buffer) =>
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : content);

    switch (request.method) {
      case "POST":
        return void reply(202, { Location: `${pathname}${randomUUID()}` });
      case "PATCH":
        this.#content.set(key, Buffer.concat([this.#content.get(key) ?? Buffer.alloc(0), body]));
        return void reply(202, { Location: pathname, Range: `0-${this.#content.get(key)?.length}` });
      case "PUT": {
        const content = Buffer.concat([this.#content.get(key) ?? Buffer.alloc(0), body]);
        const digest = searchParams.get("digest") ?? digestOf(content);
        this.#content.delete(key);
        this.#content.set(digest, content);
        if (folder === "manifests") {
          this.#content.set(key, content);
          for (const name of [key, digest]) this.#types.set(name, request.headers["content-type"] ?? "");
        }
        return void reply(201, { "Docker-Content-Digest": digest });
      }
      default: {
        const content = this.#content.get(key);
        if (folder !== "" && content === undefined) return void reply(404);
        const headers = {
          "Content-Type": this.#types.get(key) ?? "application/octet-stream",
          "Content-Length": content?.length ?? 0,
          ...(content === undefined ? {} : { "Docker-Content-Digest": digestOf(content) }),
        };
        return void reply(200, headers, content);
      }
    }
  }
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
