import { spf } from "mailauth";
import { isSpf, postmasterOf } from "../../records/index.ts";
import { mailauthResolver, type NameResolver } from "./dns.ts";

/** Receivers stop there (RFC 7208 section 4.6.4). */
export const maxLookups = 10;

export interface SpfQuestion {
  readonly domain: string;
  /** The name by which the sending server greets. */
  readonly hostName: string;
  readonly ip: string;
}

/** What a receiver finds, and what it saw on the way. */
export interface SpfEvaluation {
  /** RFC 7208 section 2.6. @example "permerror" */
  readonly verdict: string;
  /** What mailauth says of an error. */
  readonly reason: string;
  /** All that the policy costs, even beyond what a receiver does. */
  readonly lookups: number;
  /** The TXT records at each name that was asked for a policy. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** Names that hold nothing of what was asked for. */
  readonly empty: readonly string[];
  /** Questions without an answer. */
  readonly failures: readonly { readonly name: string; readonly type: string; readonly code: string }[];
  /** Whether it was accepted with an error that other receivers stop at. */
  readonly isMalformed: boolean;
}

/** Evaluates a policy as receivers do, with their limits. */
export async function evaluateSpf(question: SpfQuestion, resolver: NameResolver): Promise<SpfEvaluation> {
  const strict = await evaluate(question, resolver, maxLookups);
  if (!strict.reason.includes("Too many DNS requests")) return strict;
  // Beyond the limit, so that the report can say by how much.
  const { lookups } = await evaluate(question, resolver, 100);
  return { ...strict, lookups };
}

async function evaluate(
  { domain, hostName, ip }: SpfQuestion,
  resolver: NameResolver,
  maxResolveCount: number,
): Promise<SpfEvaluation> {
  const texts = new Map<string, string[]>();
  const [answered, empty] = [new Set<string>(), new Set<string>()];
  const failures: { name: string; type: string; code: string }[] = [];
  const resolve = mailauthResolver(resolver);
  const sender = postmasterOf(domain);
  const result = await spf({
    sender,
    ip,
    helo: hostName,
    mta: hostName,
    maxResolveCount,
    resolver: async (name, type) => {
      try {
        const records = await resolve(name, type);
        answered.add(name);
        if (type === "TXT")
          texts.set(
            name,
            records.map((strings) => [strings].flat().join("")),
          );
        return records;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "";
        if (code === "ENOTFOUND" || code === "ENODATA") empty.add(name);
        else if (code !== "EBADNAME") failures.push({ name, type, code });
        throw error;
      }
    },
  });
  const warnings = "warnings" in result && Array.isArray(result.warnings) ? result.warnings : [];
  return {
    verdict: result.status.result,
    reason: result.status.comment?.split(`lookup of ${sender}: `)[1] ?? "",
    lookups: result.lookups?.count ?? 0,
    texts,
    empty: [...empty].filter((name) => !answered.has(name)),
    failures,
    isMalformed: warnings.includes("syntax-error"),
  };
}

/** The policy at a name that was asked for it. */
export function policyAt({ texts }: SpfEvaluation, name: string): string | undefined {
  return texts.get(name)?.find(isSpf);
}
