import type { Resolver } from "node:dns/promises";
import { CannotCheckError, type Check, failed, ok } from "../check.ts";
import { ask } from "../probes/dns.ts";
import { compareRecords } from "../records.ts";
import type { Target } from "../target.ts";

/**
 * What others have to publish: reverse names, the DS record at the parent, the leave for reports (RFC 9990 section 4).
 *
 * @param resolver - one that knows the world's DNS, not just the stack's own zones.
 */
export function othersRecordChecks({ instructions }: Target, resolver: Resolver): Check[] {
  return instructions.map(({ text, record: { name, type, content, why } }) => ({
    id: `others.${type.toLowerCase()}.${name}`,
    group: "What others publish",
    title: `${type} ${name}`,
    why,
    remedy: "",
    run: async () => {
      const answered = await answersOf(resolver, name, type);
      const { missing } = compareRecords(type, [content], answered);
      if (missing.length === 0) return ok(content);
      return failed(answered.length === 0 ? "no such record" : answered.join(", "), `${text}: ${content}`);
    },
  }));
}

/** That the world's DNS cannot be reached from here tells nothing of the domain. */
async function answersOf(resolver: Resolver, name: string, type: string): Promise<string[]> {
  try {
    return (await ask(resolver, name, type)) ?? [];
  } catch (error) {
    throw new CannotCheckError(
      `the resolver does not answer: ${error instanceof Error ? error.message : error}`,
      "Name one that does with `--resolver ADDRESS`.",
    );
  }
}
