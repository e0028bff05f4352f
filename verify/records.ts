import type { ExpectedRecord } from "../outputs/running-stack.ts";

/** All expected records of one name and type, which DNS answers together (RFC 2181 section 5). */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly contents: readonly string[];
  /** Its TTL, in seconds. */
  readonly ttl: number;
  readonly why: string;
}

/** The plan's records by name and type, in the plan's order. */
export function recordSets(records: readonly ExpectedRecord[]): RecordSet[] {
  const groups = Map.groupBy(records, ({ name, type }) => `${canonicalName(name)} ${type}`);
  return [...groups.values()].map((members) => {
    const [{ name, type, ttl, why }] = members as [ExpectedRecord];
    return { name: canonicalName(name), type, contents: members.map(({ content }) => content), ttl, why };
  });
}

/** What a name server lacks of the plan, and what it has in addition. Order and notation make no difference. */
export interface RecordDifference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

export function compareRecords(
  type: string,
  expected: readonly string[],
  answered: readonly string[],
): RecordDifference {
  const wanted = new Map(expected.map((content) => [canonicalContent(type, content), content]));
  const found = new Map(answered.map((content) => [canonicalContent(type, content), content]));
  return {
    missing: [...wanted].filter(([key]) => !found.has(key)).map(([, content]) => content),
    unexpected: [...found].filter(([key]) => !wanted.has(key)).map(([, content]) => content),
  };
}

/** Names compare without case and final dot (RFC 4343; RFC 1034 section 3.1). */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(?<=.)\.$/, "");
}

const typesOfNames = new Set(["MX", "CNAME", "NS", "PTR", "SRV"]);

function canonicalContent(type: string, content: string): string {
  if (type === "AAAA") return new URL(`http://[${content}]`).hostname;
  // What is not a name is numbers or, as in TLSA, hexadecimal digits.
  if (typesOfNames.has(type) || type === "TLSA") {
    return (
      content
        .split(/\s+/)
        .map(canonicalName)
        // The root stands for "none" (RFC 7505, RFC 6186); node:dns gives it as an empty name.
        .filter((field) => field !== "" && field !== ".")
        .join(" ")
    );
  }
  return content;
}
