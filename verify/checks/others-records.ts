import type { RunningStack } from "../../outputs/running-stack.ts";
import { parseReportAuthorization } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { askWorld, type NameResolver } from "../probes/dns.ts";
import { compareRecords } from "../records.ts";
import { authorizationFinding } from "./public-dmarc.ts";
import { isOfSameKey } from "./public-dnssec.ts";

/**
 * What others have to publish: reverse names, the DS record at the parent, authorization for external DMARC reports (RFC 9990 section 4).
 *
 * @param resolver - one that knows the world's DNS, not just the stack's own zones.
 */
export function othersRecordChecks({ instructions }: RunningStack, resolver: NameResolver): Check[] {
  return instructions.map(({ text, record: { name, type, content, why } }) => ({
    id: `others.${type.toLowerCase()}.${name}`,
    group: "What others publish",
    title: `${type} ${name}`,
    why,
    run: async () => {
      const answered = await askWorld(resolver, name, type);
      const { missing } = compareRecords(type, [content], answered);
      if (missing.length === 0) return ok(content);
      // A registrar that computes the digest may choose another than ours.
      if (type === "DS" && answered.length > 0 && (await isOfSameKey(name, content, answered, resolver)))
        return ok(answered.join(", "));
      const authorization = parseReportAuthorization(name);
      if (authorization !== undefined) {
        const finding = await authorizationFinding(authorization.domain, authorization.receiver, resolver);
        if (finding === undefined)
          return ok(answered.length === 0 ? "not needed within one organization" : answered.join(", "));
      }
      return failed(answered.length === 0 ? "no such record" : answered.join(", "), `${text}: ${content}`);
    },
  }));
}
