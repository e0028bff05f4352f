import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Answer, type DecodedPacket, decode, encode } from "dns-packet";

/** An answer without records: a code of RFC 1035 section 4.1.1, or none at all. */
export type Failure = "SERVFAIL" | "REFUSED" | "SILENCE";

/** Contents as in zone files, by `name TYPE`. */
export type Records = Readonly<Record<string, readonly string[] | Failure>>;

const rcodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

const data: Readonly<Record<string, (content: string) => unknown>> = {
  MX: (content) => {
    const [preference, exchange] = content.split(" ");
    return { preference: Number(preference), exchange };
  },
  SRV: (content) => {
    const [priority, weight, port, target] = content.split(" ");
    return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
  },
  // Strings of more than 255 bytes cannot be (RFC 1035 section 3.3): a longer text is several.
  TXT: (content) => content.match(/.{1,255}/gs) ?? [""],
  DS: (content) => {
    const [keyTag, algorithm, digestType, digest = ""] = content.split(" ");
    return {
      keyTag: Number(keyTag),
      algorithm: Number(algorithm),
      digestType: Number(digestType),
      digest: Buffer.from(digest, "hex"),
    };
  },
  DNSKEY: (content) => {
    const [flags, , algorithm, key = ""] = content.split(" ");
    return { flags: Number(flags), algorithm: Number(algorithm), key: Buffer.from(key, "base64") };
  },
  TLSA: (content) => {
    const [usage, selector, matchingType, certificate = ""] = content.split(" ");
    return {
      usage: Number(usage),
      selector: Number(selector),
      matchingType: Number(matchingType),
      certificate: Buffer.from(certificate, "hex"),
    };
  },
  CAA: (content) => {
    const [, flags, tag, value] = /^(\d+) (\S+) "(.*)"$/.exec(content) ?? [];
    return { flags: Number(flags), tag, value };
  },
  SOA: () => ({ mname: "ns.example.test", rname: "postmaster.example.test", serial: 1 }),
};

/** A resolver that knows these records, by UDP and TCP; on the loopback unless containers are to ask it. */
export class NameServer implements AsyncDisposable {
  readonly address: string;
  readonly #close: () => Promise<void>;

  private constructor(address: string, close: () => Promise<void>) {
    this.address = address;
    this.#close = close;
  }

  static async start(records: Records, address = "127.0.0.1"): Promise<NameServer> {
    const reply = (query: Buffer): Buffer | undefined => answer(decode(query), records);
    const tcp = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (message) => {
        const packet = reply(message.subarray(2));
        if (packet === undefined) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(packet.length);
        socket.write(Buffer.concat([length, packet]));
      });
    }).listen(0, address);
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4");
    udp.on("message", (query: Buffer, from: RemoteInfo) => {
      const packet = reply(query);
      if (packet !== undefined) udp.send(packet, from.port, from.address);
    });
    udp.bind(port, address);
    await once(udp, "listening");
    return new NameServer(`${address}:${port}`, async () => {
      tcp.close();
      udp.close();
      await Promise.all([once(tcp, "close"), once(udp, "close")]);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

function answer(query: DecodedPacket, records: Records): Buffer | undefined {
  const [question] = query.questions ?? [];
  if (question === undefined) return undefined;
  const name = question.name.toLowerCase();
  const { found, answers, failure } = look(name, question.type, records);
  if (failure === "SILENCE") return undefined;
  const exists =
    found || name === "." || Object.keys(records).some((key) => within(key.split(" ")[0] ?? "", name));
  const rcode = rcodes[failure ?? (exists ? "NOERROR" : "NXDOMAIN")];
  return encode({
    type: "response",
    id: query.id ?? 0,
    flags: 0x0180 | rcode,
    questions: [question],
    answers,
  });
}

function within(other: string, name: string): boolean {
  return other === name || other.endsWith(`.${name}`);
}

/** As a resolver does, it follows an alias. */
function look(
  name: string,
  type: string,
  records: Records,
): { found: boolean; answers: Answer[]; failure?: Failure } {
  const contents = records[`${name} ${type}`];
  if (typeof contents === "string") return { found: true, answers: [], failure: contents };
  if (contents !== undefined)
    return { found: true, answers: contents.map((content) => record(name, type, content)) };
  const alias = records[`${name} CNAME`];
  const [target] = Array.isArray(alias) ? (alias as readonly string[]) : [];
  if (target === undefined || type === "CNAME") return { found: false, answers: [] };
  const { answers, ...rest } = look(target, type, records);
  return { ...rest, found: true, answers: [record(name, "CNAME", target), ...answers] };
}

function record(name: string, type: string, content: string): Answer {
  return { name, type, ttl: 60, data: data[type]?.(content) ?? content } as Answer;
}
