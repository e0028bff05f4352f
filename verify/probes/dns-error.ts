import type { Finding } from "../check.ts";

/**
 * Why a question has no answer: no server could be reached, one answered with an error, its answer is not valid by
 * DNSSEC, or the name cannot be asked for.
 */
export type DnsFailure = "unreachable" | "refused" | "failure" | "bogus" | "name";

/** A question without an answer. It is about one name and type: others may have answers. */
export class DnsError extends Error implements Finding {
  override readonly name = "DnsError";
  readonly failure: DnsFailure;
  readonly question: string;
  readonly seen: string;
  readonly remedy: string;

  constructor(failure: DnsFailure, name: string, type: string, message: string) {
    super(message);
    this.failure = failure;
    this.question = `${type} ${name}`;
    this.seen = `${type} ${name}: ${message}`;
    this.remedy = remedies[failure](name, type);
  }
}

const remedies: Readonly<Record<DnsFailure, (name: string, type: string) => string>> = {
  unreachable: (name) =>
    `Check that the name servers of ${name} answer; if other names have no answer either, name another resolver with \`--resolver ADDRESS\`.`,
  refused: (name) =>
    `Have the name servers of ${name} answer for it; if the resolver refuses other names as well, name another one with \`--resolver ADDRESS\`.`,
  failure: (name, type) =>
    `Have the name servers of ${name} answer for ${type} records: see \`dig +trace ${name} ${type}\`.`,
  bogus: (name, type) =>
    `Fix the signatures of ${name}, or the DS record above it, since validating resolvers refuse the answer: see \`delv ${name} ${type}\`.`,
  name: (name) => `Use a name that the DNS can hold (RFC 1035 section 2.3.4) instead of ${name}.`,
};
