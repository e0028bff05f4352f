import { createHash, X509Certificate } from "node:crypto";
import { parseTlsa, tlsaName } from "../../records/index.ts";
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
      const records = (await ask(resolver, name, "TLSA")) ?? [];
      const { chain } = await handshake(smtp, { rejectUnauthorized: false });
      const matching = records.find((record) => matches(record, chain));
      if (matching !== undefined) return ok(matching.slice(0, 22));
      return failed(
        records.length === 0 ? "no such record" : `none of ${records.length} records matches the key`,
        "Publish the TLSA record of the key that is served: `npm run up`. A key to come needs its record first (RFC 7671 section 8.1).",
      );
    },
  };
}

/** RFC 6698 section 2.1; usages 0 and 1 count for nothing in mail (RFC 7672 section 3.1.3). */
function matches(record: string, chain: readonly Buffer[]): boolean {
  const { usage, selector, matchingType, data } = parseTlsa(record);
  const candidates = usage === 3 ? chain.slice(0, 1) : usage === 2 ? chain.slice(1) : [];
  return candidates.some((der) => {
    const selected =
      selector === 0 ? der : new X509Certificate(der).publicKey.export({ type: "spki", format: "der" });
    const digest = { 1: "sha256", 2: "sha512" }[matchingType as 1 | 2];
    const shown = digest === undefined ? selected : createHash(digest).update(selected).digest();
    return shown.toString("hex") === data;
  });
}
