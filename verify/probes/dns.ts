import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { type Answer, type DecodedPacket, decode, type RrsigData, streamEncode } from "dns-packet";
import { hostAndPort } from "../../records/address.ts";
import { services } from "../../records/service.ts";
import { CannotCheckError } from "../check.ts";
import { DnsError, type DnsFailure } from "./dns-error.ts";

/** Knows whom to ask for a name. */
export interface NameResolver {
  /** @returns addresses, with `:port` if need be, to be asked one after another. */
  serversFor(name: string): Promise<readonly string[]>;
}

/**
 * One that asks the same servers for every name.
 *
 * @param servers - addresses, with `:port` if need be; the machine's own resolvers by default.
 * @throws TypeError for anything but an address.
 */
export function resolverAt(...servers: readonly string[]): NameResolver {
  const known = nodeResolver(servers).getServers();
  return { serversFor: () => Promise.resolve(known) };
}

function nodeResolver(servers: readonly string[]): Resolver {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}

/** What a server said of one name and type. */
export interface DnsAnswer {
  /** Whether the name exists, with whatever records (RFC 8020). */
  readonly exists: boolean;
  /** Whether the records are at the name itself, and not where an alias leads. */
  readonly isOwn: boolean;
  /** Contents in the notation of zone files; empty without such a record. */
  readonly records: readonly { readonly content: string; readonly ttl: number }[];
  /** The signatures over them (RFC 4034 section 3). */
  readonly signatures: readonly RrsigData[];
  /** Whether it comes from a server of the zone, whose TTLs are those of the zone file. */
  readonly authoritative: boolean;
  /** Whether a resolver has validated it (RFC 4035 section 3.2.3). */
  readonly validated: boolean;
}

/** How the contents of each type are written in zone files; other types are not asked for. */
const notations: Record<string, (data: never) => string> = {
  A: String,
  AAAA: String,
  CNAME: String,
  NS: String,
  PTR: String,
  // RFC 7208 section 3.3: the strings of one record are joined without a space.
  TXT: (strings: Buffer[]) => Buffer.concat([strings].flat()).toString("utf8"),
  MX: (mx: { preference: number; exchange: string }) => `${mx.preference} ${mx.exchange}`,
  SRV: (s: { priority: number; weight: number; port: number; target: string }) =>
    `${s.priority} ${s.weight} ${s.port} ${s.target}`,
  CAA: (caa: { flags: number; tag: string; value: string }) => `${caa.flags} ${caa.tag} "${caa.value}"`,
  TLSA: (t: { usage: number; selector: number; matchingType: number; certificate: Buffer }) =>
    `${t.usage} ${t.selector} ${t.matchingType} ${t.certificate.toString("hex")}`,
  DS: (ds: { keyTag: number; algorithm: number; digestType: number; digest: Buffer }) =>
    `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${ds.digest.toString("hex")}`,
  SOA: (soa: { mname: string; serial: number }) => `${soa.mname} ${soa.serial}`,
  // The protocol is always 3 (RFC 4034 section 2.1.2).
  DNSKEY: (key: { flags: number; algorithm: number; key: Buffer }) =>
    `${key.flags} 3 ${key.algorithm} ${key.key.toString("base64")}`,
};

export function canAskFor(type: string): boolean {
  return type in notations;
}

/**
 * Asks the resolver's servers, one after another, for a name and type with its signatures. node:dns returns neither
 * TTLs nor signatures.
 *
 * @throws DnsError when none of them gives an answer.
 */
export async function query(
  resolver: NameResolver,
  name: string,
  type: string,
  options: { readonly checkingDisabled?: boolean } = {},
): Promise<DnsAnswer> {
  if (!canExist(name)) throw new DnsError("name", name, type, "it is longer than the DNS takes");
  const failures: string[] = [];
  let failure: DnsFailure = "unreachable";
  for (const server of await resolver.serversFor(name)) {
    try {
      return readAnswer(await exchange(server, name, type, options.checkingDisabled), name, type);
    } catch (error) {
      if (error instanceof RcodeError) {
        failure = error.rcode === "SERVFAIL" ? "failure" : "refused";
        if (failure === "failure" && options.checkingDisabled !== true) {
          // A resolver that validates says the same of a dead name server and of a wrong signature.
          const unchecked = await exchange(server, name, type, true).catch(() => undefined);
          if (unchecked !== undefined && rcodeOf(unchecked) !== "SERVFAIL") failure = "bogus";
        }
      }
      const bogus = failure === "bogus" ? ", and has an answer that does not pass DNSSEC validation" : "";
      failures.push(`${server}: ${error instanceof Error ? error.message : error}${bogus}`);
    }
  }
  throw new DnsError(failure, name, type, failures.join("; ") || "no name server is known");
}

/** RFC 1035 section 2.3.4; dns-packet would write a longer name into a packet that means something else. */
function canExist(name: string): boolean {
  const labels = name.replace(/\.$/, "").split(".");
  const fits = labels.every((label) => label !== "" && Buffer.byteLength(label) <= 63);
  return name === "." || (fits && Buffer.byteLength(name) <= 253);
}

/** The contents alone. @returns nothing when the type is one that cannot be asked for. */
export async function ask(resolver: NameResolver, name: string, type: string): Promise<string[] | undefined> {
  if (!canAskFor(type)) return undefined;
  return (await query(resolver, name, type)).records.map(({ content }) => content);
}

/** The TXT records at a name, each with its strings joined. */
export async function textsAt(resolver: NameResolver, name: string): Promise<string[]> {
  return (await ask(resolver, name, "TXT")) ?? [];
}

/**
 * Asks a resolver that is not the stack's.
 *
 * @throws CannotCheckError when it does not answer: an unreachable DNS says nothing about the domain.
 */
export async function askWorld(resolver: NameResolver, name: string, type: string): Promise<string[]> {
  try {
    return (await ask(resolver, name, type)) ?? [];
  } catch (error) {
    throw new CannotCheckError(
      `the resolver does not answer: ${error instanceof Error ? error.message : error}`,
      "Name one that does with `--resolver ADDRESS`.",
    );
  }
}

const timeoutMs = 4_000;
const attempts = 2;

/** As any resolver does, it asks again where there was no answer: the server may have been busy, or the question lost. */
async function exchange(...question: Parameters<typeof exchangeOnce>): Promise<DecodedPacket> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const answer = await exchangeOnce(...question);
    if (answer !== undefined) return answer;
  }
  throw new Error(`no answer within ${(attempts * timeoutMs) / 1000} s`);
}

/**
 * Over TCP, so that no answer is cut short (RFC 7766).
 *
 * @returns nothing where there was no answer in time.
 */
async function exchangeOnce(
  server: string,
  name: string,
  type: string,
  checkingDisabled = false,
): Promise<DecodedPacket | undefined> {
  const socket = connect(hostAndPort(server, services.dns.port));
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const question = { name, type: type as "A" };
    const options = { type: "OPT", name: ".", udpPayloadSize: 1232, flags: DNSSEC_OK } as Answer;
    const id = 1 + Math.floor(Math.random() * 0xfffe);
    await once(socket, "connect", { signal: deadline });
    socket.write(
      streamEncode({
        id,
        type: "query",
        flags: RECURSION_DESIRED | (checkingDisabled ? CHECKING_DISABLED : 0),
        questions: [question],
        additionals: [options],
      }),
    );
    let received: Buffer = Buffer.alloc(0);
    const ended = once(socket, "end", { signal: deadline }).then(() => {
      throw new Error("it closed the connection without an answer");
    });
    // Whoever has the answer does not wait for the end.
    ended.catch(() => {});
    while (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) {
      const [chunk] = await Promise.race([once(socket, "data", { signal: deadline }), ended]);
      received = Buffer.concat([received, chunk as Buffer]);
    }
    return decode(received.subarray(2));
  } catch (error) {
    if (deadline.aborted) return undefined;
    throw error;
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}

/** RFC 6891 section 6.1.4, RFC 1035 section 4.1.1. */
const DNSSEC_OK = 1 << 15;
const RECURSION_DESIRED = 1 << 8;
/** RFC 4035 section 3.2.2. */
const CHECKING_DISABLED = 1 << 4;

class RcodeError extends Error {
  readonly rcode: string;
  constructor(rcode: string) {
    super(`it answers ${rcode}`);
    this.rcode = rcode;
  }
}

/** dns-packet's types lack it. */
function rcodeOf(packet: DecodedPacket & { readonly rcode?: string }): string {
  return packet.rcode ?? "NOERROR";
}

function readAnswer(packet: DecodedPacket, name: string, type: string): DnsAnswer {
  const { answers = [] } = packet;
  const rcode = rcodeOf(packet);
  if (rcode !== "NOERROR" && rcode !== "NXDOMAIN") throw new RcodeError(rcode);
  return {
    exists: rcode === "NOERROR",
    isOwn: answers.some((answer) => answer.type === type && isSameName(answer.name, name)),
    records: answers
      .filter((answer) => answer.type === type)
      .map((answer) => ({
        content: notations[type]?.(("data" in answer ? answer.data : undefined) as never) ?? "",
        ttl: ("ttl" in answer ? answer.ttl : undefined) ?? 0,
      })),
    signatures: answers.flatMap((answer) =>
      answer.type === "RRSIG" && answer.data.typeCovered === type ? [answer.data] : [],
    ),
    authoritative: packet.flag_aa,
    validated: packet.flag_ad,
  };
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase().replace(/\.$/, "") === other.toLowerCase().replace(/\.$/, "");
}

/** Node's own questions for mailauth, which judges its errors itself. */
export function mailauthResolver(names: NameResolver) {
  return async (name: string, type: string): Promise<string[] | string[][]> => {
    const resolver = nodeResolver(await names.serversFor(name));
    switch (type) {
      case "TXT":
        return resolver.resolveTxt(name);
      case "A":
        return resolver.resolve4(name);
      case "AAAA":
        return resolver.resolve6(name);
      case "PTR":
        return resolver.resolvePtr(name);
      case "MX":
        // mailauth reads the exchanges from node's objects, which its declaration does not mention.
        return resolver.resolve(name, type) as Promise<never>;
      default:
        return Promise.reject(new Error(`${type} records are not queried`));
    }
  };
}
