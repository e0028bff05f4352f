import type { StackZone } from "../../outputs/running-stack.ts";
import { CannotCheckError, type Check, failed, ok } from "../check.ts";
import { canAskFor, type NameResolver, query } from "../probes/dns.ts";
import { compareRecords, type RecordSet, recordSets } from "../records.ts";

/** Every record of a zone against what its name server answers, one check per name and type. */
export function dnsRecordChecks(zone: StackZone, resolver: NameResolver): Check[] {
  return recordSets(zone.records).map((set) => ({
    id: recordCheck(set.type, set.name),
    group: `DNS of ${zone.name}`,
    title: `${set.type} ${set.name}`,
    why: set.why,
    remedy: "Check that the DNS server runs and that nothing else has its port: `docker ps`, `docker logs`.",
    run: () => compare(set, resolver),
  }));
}

function recordCheck(type: string, name: string): string {
  return `dns.${type.toLowerCase()}.${name}`;
}

/** The id of the check of a name's policy or key. */
export function publishedAt(name: string): string {
  return recordCheck("TXT", name);
}

async function compare({ name, type, contents, ttl }: RecordSet, resolver: NameResolver) {
  if (!canAskFor(type)) {
    throw new CannotCheckError(
      `records of type ${type} are not queried`,
      `Look at it with \`dig ${name} ${type}\`.`,
    );
  }
  const { records, authoritative } = await query(resolver, name, type);
  const answered = records.map(({ content }) => content);
  const { missing, unexpected } = compareRecords(type, contents, answered);
  if (missing.length === 0 && unexpected.length === 0) {
    const wrong = records.find((record) => (authoritative ? record.ttl !== ttl : record.ttl > ttl));
    if (wrong === undefined) return ok(brief(answered.join(", ")));
    return failed(
      `resolvers may cache it for ${wrong.ttl} s instead of ${ttl} s`,
      `\`npm run up\` publishes the plan; by hand: set the TTL of ${type} ${name} to ${ttl} (RFC 2181 section 5.2).`,
    );
  }
  const seen = answered.length === 0 ? "no such record" : answered.join(", ");
  const advice = [
    ...missing.map((content) => `publish \`${content}\``),
    ...unexpected.map((content) => `remove \`${content}\``),
  ];
  return failed(
    brief(seen),
    `\`npm run up\` publishes the plan; by hand: ${advice.map(brief).join(", ")} at ${name}.`,
  );
}

/** DKIM keys fill several lines; their beginning is enough to recognize them. */
function brief(text: string): string {
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}
