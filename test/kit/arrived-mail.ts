import { authenticate } from "mailauth";
import { mailauthResolver, type NameResolver } from "../../verify/probes/dns.ts";
import type { Correspondent } from "./mail-network.ts";

/** The header fields of a message, with their lines joined (RFC 5322 section 2.2.3). */
export function headerOf(message: Buffer): { readonly name: string; readonly value: string }[] {
  const [head = ""] = String(message).split("\r\n\r\n", 1);
  return head
    .replace(/\r\n(?=[ \t])/g, "")
    .split("\r\n")
    .map((line) => {
      const [name = ""] = line.split(":", 1);
      return { name: name.trimEnd(), value: line.slice(name.length + 1).trim() };
    });
}

/** The values of the fields of that name, whatever its case. */
export function fieldsOf(message: Buffer, name: string): string[] {
  return headerOf(message)
    .filter((field) => field.name.toLowerCase() === name.toLowerCase())
    .map(({ value }) => value);
}

export interface Verdict {
  /** For the envelope sender that the receiver has kept. */
  readonly spf: string;
  /** Each signature, as `selector.domain result`. */
  readonly dkim: readonly string[];
  readonly dmarc: string;
}

/** What an uninvolved judge finds of a message that a server has handed over. */
export async function judge(
  message: Buffer,
  { address, hostName }: Pick<Correspondent, "address" | "hostName">,
  names: NameResolver,
): Promise<Verdict> {
  const [path = ""] = fieldsOf(message, "Return-Path");
  const { spf, dkim, dmarc } = await authenticate(message, {
    ip: address,
    helo: hostName,
    sender: path.replace(/^<|>$/g, ""),
    resolver: mailauthResolver(names),
    disableArc: true,
    disableBimi: true,
  });
  return {
    spf: spf === false ? "none" : spf.status.result,
    dkim: dkim.results
      .map(({ selector, signingDomain, status }) => `${selector}.${signingDomain} ${status.result}`)
      .toSorted(),
    dmarc: dmarc === false ? "none" : dmarc.status.result,
  };
}
