import type { ExpectedRecord, StackZone } from "../outputs/running-stack.ts";
import { isWithin } from "../records/index.ts";
import type { RecordFault } from "./step.ts";

/** The records of one name and type, as they are declared and as a fault has them. */
export interface BrokenRecords {
  readonly zone: string;
  readonly name: string;
  readonly type: string;
  readonly declared: readonly ExpectedRecord[];
  readonly broken: readonly ExpectedRecord[];
}

/**
 * What a fault makes of a domain's records. Each is one that people make: a policy without the server, an MX that leads to a
 * server that does not exist, a key that was revoked (RFC 6376 section 3.6.1).
 */
export function recordsBroken(
  fault: RecordFault,
  zones: readonly StackZone[],
  domain: string,
): BrokenRecords[] {
  const zone = zones.find(({ name }) => isWithin(domain, name));
  if (zone === undefined) return [];
  const names = new Set(
    zone.records.filter((record) => concerns(fault, record, domain)).map(({ name }) => name),
  );
  return [...names].map((name) => {
    const type = fault === "mx" ? "MX" : "TXT";
    const declared = zone.records.filter((record) => record.name === name && record.type === type);
    const broken = declared.map((record) =>
      concerns(fault, record, domain) ? { ...record, content: faultyContent(fault, domain) } : record,
    );
    return { zone: zone.name, name, type, declared, broken };
  });
}

/** The id of the check that sees the fault, and its repair. */
export function checkOf({ name, type }: Pick<BrokenRecords, "name" | "type">): string {
  return `dns.${type.toLowerCase()}.${name}`;
}

function concerns(fault: RecordFault, { name, type, content }: ExpectedRecord, domain: string): boolean {
  switch (fault) {
    case "spf":
      return type === "TXT" && name === domain && content.startsWith("v=spf1 ");
    case "mx":
      return type === "MX" && name === domain;
    case "dkim":
      return type === "TXT" && name.endsWith(`._domainkey.${domain}`) && content.includes("p=");
  }
}

function faultyContent(fault: RecordFault, domain: string): string {
  switch (fault) {
    case "spf":
      return "v=spf1 -all";
    case "mx":
      return `10 old.${domain}`;
    case "dkim":
      return "v=DKIM1; k=rsa; p=";
  }
}
