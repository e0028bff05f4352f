import { createHash, X509Certificate } from "node:crypto";
import { formatTlsa, ownKey, parseTlsa, type Tlsa, tlsaName } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { ask, type NameResolver } from "../probes/dns.ts";
import { handshake } from "../probes/tls.ts";
import type { Service } from "../services.ts";

/** The key that the server shows, compared with the one that TLSA records make other servers insist on. */
export function tlsaCheck(group: string, smtp: Service, resolver: NameResolver): Check {
  const name = tlsaName(smtp.serverName);
  return {
    id: `tlsa.${smtp.serverName}`,
    group,
    title: `TLSA of ${smtp.serverName} names the key served on ${smtp.port}`,
    why: "Servers with DANE deliver nothing to a server that shows a different key (RFC 7672 section 2.2).",
    remedy: `Check that ${smtp.host}:${smtp.port} and the DNS server answer.`,
    run: async () => {
      const contents = (await ask(resolver, name, "TLSA")) ?? [];
      const records = contents.map(read);
      const { chain } = await handshake(smtp, { rejectUnauthorized: false });
      const matching = records.find((record) => record !== undefined && matches(record, chain));
      if (matching !== undefined) return ok(formatTlsa(matching).slice(0, 22));
      return failed(
        contents.length === 0
          ? "no such record"
          : `none of ${contents.length} records matches the key${uselessness(records)}`,
        `Publish the TLSA record of the key that is served, \`${served(chain)}\`; a stack does by \`npm run up\`. A key to come needs its record first (RFC 7671 section 8.1).`,
      );
    },
  };
}

/** Others ignore a record that they do not understand (RFC 7672 section 2.1.3), and look at the rest. */
function read(content: string): Tlsa | undefined {
  try {
    return parseTlsa(content);
  } catch {
    return undefined;
  }
}

function uselessness(records: readonly (Tlsa | undefined)[]): string {
  const count = records.filter((record) => record === undefined || record.usage < 2).length;
  return count === 0 ? "" : `; ${count} count for nothing in mail (RFC 7672 section 3.1.3)`;
}

function spkiOf(der: Buffer): Buffer {
  return new X509Certificate(der).publicKey.export({ type: "spki", format: "der" });
}

function served([der]: readonly Buffer[]): string {
  return der === undefined
    ? "3 1 1 …"
    : formatTlsa(ownKey(createHash("sha256").update(spkiOf(der)).digest("hex")));
}

/** RFC 6698 section 2.1; usages 0 and 1 count for nothing in mail (RFC 7672 section 3.1.3). */
function matches({ usage, selector, matchingType, data }: Tlsa, chain: readonly Buffer[]): boolean {
  const candidates = usage === 3 ? chain.slice(0, 1) : usage === 2 ? chain.slice(1) : [];
  return candidates.some((der) => {
    const selected = selector === 0 ? der : spkiOf(der);
    const digest = { 1: "sha256", 2: "sha512" }[matchingType as 1 | 2];
    const shown = digest === undefined ? selected : createHash(digest).update(selected).digest();
    return shown.toString("hex") === data;
  });
}
