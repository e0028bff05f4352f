import type { StackZone } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";
import { askWorld, canAskFor, type NameResolver } from "../probes/dns.ts";
import { compareRecords, type RecordSet, recordSets } from "../records.ts";
import { sideBySide } from "../side-by-side.ts";

/** This many questions at a time burden nobody's resolver. */
const atOnce = 10;

/**
 * A zone as a resolver gives it, which follows the delegation and keeps what it has seen: the name servers themselves
 * may be right while nobody is sent to them.
 */
export function resolverViewCheck(zone: StackZone, resolver: NameResolver): Check {
  const sets = recordSets(zone.records).filter(({ type }) => canAskFor(type));
  return {
    id: `resolver.${zone.name}`,
    group: `DNS of ${zone.name}`,
    title: "a resolver sees the same",
    why: "Others ask resolvers, which follow the parent zone's delegation (RFC 1034 section 5.3.3).",
    run: async () => {
      const different = await differences(sets, resolver);
      if (different.length === 0) return ok(`${sets.length} record sets`);
      const names = different.map(({ type, name }) => `${type} ${name}`);
      const shown = names.length > 3 ? [...names.slice(0, 3), "…"] : names;
      const seen = `${different.length} of ${sets.length} record sets differ: ${shown.join(", ")}`;
      const servers = await askWorld(resolver, zone.name, "NS");
      const sent = servers.length === 0 ? "to no name server" : `to ${servers.join(" and ")}`;
      const longest = Math.max(...different.map(({ ttl }) => ttl));
      return failed(
        seen,
        `It is sent ${sent}: if these are not the zone's, have the registrar change them. Caches may keep an old value for ${longest} s after a change.`,
      );
    },
  };
}

async function differences(sets: readonly RecordSet[], resolver: NameResolver): Promise<RecordSet[]> {
  const different: RecordSet[] = [];
  await sideBySide(sets, atOnce, async (set) => {
    const answered = await askWorld(resolver, set.name, set.type);
    const { missing, unexpected } = compareRecords(set.type, set.contents, answered);
    if (missing.length + unexpected.length > 0) different.push(set);
  });
  return different.sort((a, b) => sets.indexOf(a) - sets.indexOf(b));
}
