import { formatMx, nullMx, parseMx } from "./mx.ts";
import type { ProblemList } from "./problem.ts";
import type { DnsRecord, RecordGroup } from "./record.ts";
import { type SlotKind, slotKind } from "./slot.ts";
import { parseSrv } from "./srv.ts";

/** Checks of the finished records: each name is looked at once, however many there are. */
export function checkRecords<Content>(groups: readonly RecordGroup<Content>[], problems: ProblemList): void {
  const names = new Map<string, { readonly owner: string; readonly record: DnsRecord<string | Content> }[]>();
  for (const { owner, records } of groups) {
    const roles = new Set<string>();
    for (const record of records) {
      if (roles.has(record.role)) {
        problems.report(owner, record.role, `two records have this role: ${record.name} ${record.type}`);
        // The same twice breaks other rules as well, by the same mistake.
        continue;
      }
      roles.add(record.role);
      const entry = { owner, record };
      const entries = names.get(record.name);
      if (entries === undefined) names.set(record.name, [entry]);
      else entries.push(entry);
    }
  }
  const apexes = new Set(groups.map(({ zone }) => zone));
  const aliases = new Set<string>();
  for (const [name, entries] of names) {
    if (entries.some(({ record }) => record.type === "CNAME")) aliases.add(name);
    checkName(name, entries, apexes, problems);
  }
  for (const { owner, records } of groups) checkTargets(owner, records, aliases, problems);
}

function checkName<Content>(
  name: string,
  entries: readonly { readonly owner: string; readonly record: DnsRecord<string | Content> }[],
  apexes: ReadonlySet<string>,
  problems: ProblemList,
): void {
  const alias = entries.find(({ record }) => record.type === "CNAME");
  if (alias !== undefined && (entries.length > 1 || apexes.has(name))) {
    problems.report(
      alias.owner,
      alias.record.role,
      `${name} is an alias, beside which nothing may stand (RFC 1034 section 3.6.2): remove one of the two`,
    );
  }
  const [first] = entries;
  if (first !== undefined && (name.length > 253 || name.split(".").some((label) => label.length > 63))) {
    const limit = "longer than the DNS takes (RFC 1035 section 2.3.4): choose a shorter one";
    problems.report(first.owner, first.record.role, `${name} is ${limit}`);
  }
  const exchangers = entries.filter(({ record }) => record.type === "MX");
  const none = exchangers.find(({ record }) => record.content === formatMx(nullMx));
  if (none !== undefined && exchangers.length > 1) {
    const message = `${name} takes no mail by one MX and some by another (RFC 7505 section 3): remove one of the two`;
    problems.report(none.owner, none.record.role, message);
  }
  const policies = new Set<string>();
  const ttls = new Map<string, number>();
  for (const { owner, record } of entries) {
    const { role, type, ttl, content } = record;
    const set = ttls.get(type);
    if (set !== undefined && set !== ttl) {
      problems.report(
        owner,
        role,
        `the ${type} records of ${name} differ in their TTL: use one for all (RFC 2181 section 5.2)`,
      );
    }
    ttls.set(type, ttl);
    const kind = typeof content === "string" ? singleKind(name, type, content) : undefined;
    if (kind !== undefined && policies.has(kind)) {
      problems.report(owner, role, `${name} has two ${kind} records, an error to receivers: merge them`);
    }
    if (kind !== undefined) policies.add(kind);
  }
}

const policyVersions: Readonly<Partial<Record<SlotKind, string>>> = {
  spf: "spf1",
  dmarc: "DMARC1",
  "mta-sts": "STSv1",
  "tls-rpt": "TLSRPTv1",
};

/** Policies of which a name has one at most (RFC 7208 section 4.5, RFC 9989 section 4.7, RFC 8461 and 8460 section 3). */
function singleKind(name: string, type: string, content: string): string | undefined {
  const kind = type === "TXT" ? slotKind({ name, type, content }) : undefined;
  return kind === undefined ? undefined : policyVersions[kind];
}

/** A target has an address of its own (RFC 5321 section 5.1 for MX, RFC 2782 for SRV). */
function checkTargets<Content>(
  owner: string,
  records: readonly DnsRecord<string | Content>[],
  aliases: ReadonlySet<string>,
  problems: ProblemList,
): void {
  for (const { role, name, type, content } of records) {
    if (typeof content !== "string" || (type !== "MX" && type !== "SRV")) continue;
    const target = type === "MX" ? parseMx(content).exchange : parseSrv(content).target;
    if (!aliases.has(target)) continue;
    const rule = type === "MX" ? "RFC 5321 section 5.1" : "RFC 2782";
    const message = `the ${type} of ${name} points to the alias ${target}: name a host that has an address (${rule})`;
    problems.report(owner, role, message);
  }
}
