import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { type Answer, type DecodedPacket, decode, encode, type Question } from "dns-packet";

/**
 * A resolver, by UDP and TCP, of what one authoritative name server has: an alias that leads from one of its zones into another
 * is followed, which such a server leaves to whoever asks (RFC 1034 section 3.6.2).
 */
export class FollowingResolver implements AsyncDisposable {
  /** `address:port`. */
  readonly address: string;
  readonly #close: () => Promise<void>;

  private constructor(address: string, close: () => Promise<void>) {
    this.address = address;
    this.#close = close;
  }

  /** @param upstream - the name server, which is asked over TCP, where nobody is limited. */
  static async start(upstream: { readonly address: string; readonly port: number }) {
    const tcp = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (message) => {
        void reply(message.subarray(2), upstream).then((packet) => socket.write(framed(packet)));
      });
    }).listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4");
    udp.on("message", (query: Buffer, from: RemoteInfo) => {
      void reply(query, upstream).then((packet) => udp.send(packet, from.port, from.address));
    });
    udp.bind(port, "127.0.0.1");
    await once(udp, "listening");
    return new FollowingResolver(`127.0.0.1:${port}`, async () => {
      tcp.close();
      udp.close();
      await Promise.all([once(tcp, "close"), once(udp, "close")]);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

type Upstream = Parameters<typeof FollowingResolver.start>[0];

async function reply(query: Buffer, upstream: Upstream): Promise<Buffer> {
  const { id = 0, questions: [question] = [] } = decode(query);
  const { rcode, answers } = await resolve(question as Question, upstream);
  const questions = question === undefined ? [] : [question];
  return encode({ type: "response", id, flags: 0x0180 | rcode, questions, answers });
}

const SERVFAIL = 2;

async function resolve(
  question: Question,
  upstream: Upstream,
): Promise<{ rcode: number; answers: Answer[] }> {
  const found = await ask(question, upstream).catch(() => undefined);
  if (found === undefined) return { rcode: SERVFAIL, answers: [] };
  const answers = found.answers ?? [];
  const last = answers.at(-1);
  if (last?.type !== "CNAME" || question.type === "CNAME") return { rcode: rcodeOf(found), answers };
  const further = await resolve({ ...question, name: last.data }, upstream);
  return { rcode: further.rcode, answers: [...answers, ...further.answers] };
}

/** The four lowest bits of the header's flags (RFC 1035 section 4.1.1). */
function rcodeOf({ flags = 0 }: DecodedPacket): number {
  return flags & 0xf;
}

async function ask(question: Question, { address, port }: Upstream): Promise<DecodedPacket> {
  const socket = connect(port, address);
  try {
    socket.write(framed(encode({ type: "query", id: 1, questions: [question] })));
    let received = Buffer.alloc(0);
    for await (const part of socket) {
      received = Buffer.concat([received, part as Buffer]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE())
        return decode(received.subarray(2));
    }
    throw new Error("the name server closes without an answer");
  } finally {
    socket.destroy();
  }
}

/** As over TCP: after its length (RFC 1035 section 4.2.2). */
function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}
