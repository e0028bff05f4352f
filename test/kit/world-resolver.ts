import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { type Answer, decode, encode } from "dns-packet";
import { services } from "../../records/index.ts";

/** In milliseconds: how long the server that is asked has. */
const patience = 2_000;

/**
 * A resolver of the world outside a lab, by UDP and TCP: what it knows otherwise, it says; for all the rest it asks the
 * lab's name server.
 */
export class WorldResolver implements AsyncDisposable {
  /** `address:port`. */
  readonly address: string;
  /** Whether it answers nobody. */
  isSilent = false;
  readonly #addresses = new Map<string, readonly string[]>();
  #close: () => Promise<void> = async () => {};

  private constructor(address: string) {
    this.address = address;
  }

  /** @param address - where it listens. @param upstream - the address of the lab's name server. */
  static async start(address: string, upstream: string): Promise<WorldResolver> {
    const tcp = createServer().listen(0, address);
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4");
    udp.bind(port, address);
    await once(udp, "listening");
    const resolver = new WorldResolver(`${address}:${port}`);
    udp.on("message", (query: Buffer, from: RemoteInfo) => {
      void resolver.#answer(query, upstream).then((reply) => {
        if (reply !== undefined) udp.send(reply, from.port, from.address);
      });
    });
    tcp.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.on("data", async (message) => {
        const reply = await resolver.#answer(message.subarray(2), upstream);
        if (reply === undefined) socket.destroy();
        else socket.end(withLength(reply));
      });
    });
    resolver.#close = async () => {
      tcp.close();
      udp.close();
      await Promise.all([once(tcp, "close"), once(udp, "close")]);
    };
    return resolver;
  }

  /** From now on the name leads there: to IPv4 addresses, or with none of them nowhere. */
  lead(name: string, ...addresses: readonly string[]): void {
    this.#addresses.set(name, addresses);
  }

  /** From now on it says of the name what the lab says. */
  forget(name: string): void {
    this.#addresses.delete(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async #answer(query: Buffer, upstream: string): Promise<Buffer | undefined> {
    if (this.isSilent) return undefined;
    const { id = 0, questions = [] } = decode(query);
    const [question] = questions;
    const name = question?.name.toLowerCase() ?? "";
    const addresses = this.#addresses.get(name);
    if (question === undefined || addresses === undefined) return await askAt(upstream, query);
    const answers: Answer[] = addresses.map((data) => ({ name, type: "A", ttl: 0, data }));
    const isAsked = question.type === "A";
    return encode({ type: "response", id, flags: 0x0180, questions, answers: isAsked ? answers : [] });
  }
}

/** By TCP: by UDP a server that is asked much answers that it is to be asked by TCP. */
async function askAt(server: string, query: Buffer): Promise<Buffer | undefined> {
  const socket = connect({ host: server, port: services.dns.port, timeout: patience });
  socket.on("timeout", () => socket.destroy(new Error("no answer")));
  try {
    socket.write(withLength(query));
    let received = Buffer.alloc(0);
    for await (const part of socket) {
      received = Buffer.concat([received, part as Buffer]);
      if (received.length > 2 && received.length >= 2 + received.readUInt16BE(0)) break;
    }
    return received.length > 2 ? received.subarray(2) : undefined;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

/** RFC 1035 section 4.2.2. */
function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
