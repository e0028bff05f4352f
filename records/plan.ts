import type {
  DomainDescription,
  MailExchange,
  RecordDescription,
  ServerDescription,
  ZoneDescription,
} from "./description.ts";
import { checkDescription, hostNamesOf } from "./description-check.ts";
import { reportAuthorizationRecord, reportReceivers } from "./dmarc.ts";
import {
  dsInstruction,
  foreignInstruction,
  type Instruction,
  ptrInstructions,
  reportInstructions,
} from "./instruction.ts";
import { parkedRecords } from "./lock-down.ts";
import { isWithin } from "./name.ts";
import { ProblemList, RecordPlanError, type RecordProblem } from "./problem.ts";
import { ptrRecord } from "./ptr.ts";
import type { DnsRecord, RecordGroup } from "./record.ts";
import { checkRecords } from "./record-check.ts";
import { domainParts, type RecordPart, serverParts } from "./record-parts.ts";
import { ZoneFinder } from "./zone-finder.ts";

/** All records of a stack. */
export interface RecordPlan<Content = string> {
  /** Servers, domains, parked domains, then what belongs to a zone alone; each in the description's order. */
  readonly groups: readonly RecordGroup<Content>[];
  /** Records in others' zones. */
  readonly instructions: readonly Instruction<string | Content>[];
  /** The reverse names of addresses that are known later: where they are, their addresses decide. */
  readonly laterReverseNames: readonly LaterReverseName<Content>[];
}

/** A server's address that is known later, whose provider is to set its reverse name. */
export interface LaterReverseName<Content> {
  readonly hostName: string;
  /** TTL of the record, in seconds. */
  readonly ttl: number;
  readonly address: Content;
}

/**
 * The complete, ordered list of records that a stack publishes, and what it has to ask of others.
 *
 * Roles and names follow from plain data alone, so that every record is known before any key exists. Time and
 * memory are linear in the number of domains.
 *
 * @throws RecordPlanError that lists everything that the description would break.
 */
export function planRecords<Content = string>(description: RecordDescription<Content>): RecordPlan<Content> {
  const { plan, problems } = draft(description);
  if (problems.length > 0) throw new RecordPlanError(problems);
  return plan;
}

/** Everything that a description would break, and nothing else: for whoever knows where it was written. */
export function recordProblems<Content>(description: RecordDescription<Content>): readonly RecordProblem[] {
  return draft(description).problems;
}

/** All records of one zone, servers first. */
export function recordsOfZone<Content>(
  { groups }: RecordPlan<Content>,
  zone: string,
): DnsRecord<string | Content>[] {
  return groups.filter((group) => group.zone === zone).flatMap(({ records }) => records);
}

function draft<Content>(description: RecordDescription<Content>): {
  plan: RecordPlan<Content>;
  problems: readonly RecordProblem[];
} {
  const problems = new ProblemList();
  const zones = new ZoneFinder<ZoneDescription<Content>>(description.zones);
  checkDescription(description, zones, problems);
  const drafter = new Drafter(description, zones, problems);
  const plan = drafter.draft();
  checkRecords(plan.groups, problems);
  return { plan, problems: problems.found };
}

class Drafter<Content> {
  readonly #description: RecordDescription<Content>;
  readonly #zones: ZoneFinder<ZoneDescription<Content>>;
  readonly #problems: ProblemList;
  readonly #groups: RecordGroup<Content>[] = [];
  readonly #instructions: Instruction<string | Content>[] = [];
  readonly #laterReverseNames: LaterReverseName<Content>[] = [];
  readonly #withPolicy: ReadonlySet<string>;

  constructor(
    description: RecordDescription<Content>,
    zones: ZoneFinder<ZoneDescription<Content>>,
    problems: ProblemList,
  ) {
    this.#description = description;
    this.#zones = zones;
    this.#problems = problems;
    const { domains, parkedDomains } = description;
    this.#withPolicy = new Set([...domains, ...parkedDomains].map(({ domain }) => domain));
  }

  draft(): RecordPlan<Content> {
    const { servers, domains, parkedDomains, zones } = this.#description;
    const hostNames = new Set(servers.flatMap(hostNamesOf));
    const former = new Map(servers.map(({ hostName, formerHostNames = [] }) => [hostName, formerHostNames]));
    const { byOwner, byZone, asks } = this.#reportAuthorizations();
    const names = new Set(domains.map(({ domain }) => domain));
    for (const server of servers) {
      this.#addHost(server.hostName, serverParts(server, names));
      this.#addReverseNames(server);
      for (const name of server.formerHostNames ?? []) this.#addFormerHost(name, server);
    }
    for (const domain of domains) {
      const reportsFor = new Set([...(domain.reportsFor ?? []), ...(byOwner.get(domain.domain) ?? [])]);
      const exchanges = [...domain.exchanges, ...formerExchanges(domain, former)];
      this.#addDomain(domain, domainParts({ ...domain, exchanges }, hostNames, reportsFor));
    }
    for (const { domain, ttl, reportAddresses } of parkedDomains) {
      const build = (): DnsRecord[] => parkedRecords(domain, ttl, reportAddresses);
      this.#add("parked", domain, this.#problems.attempt(domain, "reportAddresses", build));
    }
    for (const [zone, records] of byZone) this.#add("zone", zone, records);
    for (const ask of asks) this.#instructions.push(ask);
    for (const { name, ds } of zones) {
      if (ds !== undefined) this.#instructions.push(dsInstruction(name, dsTtl, ds));
    }
    return {
      groups: this.#groups,
      instructions: this.#instructions,
      laterReverseNames: this.#laterReverseNames,
    };
  }

  #addHost(hostName: string, parts: readonly RecordPart<string | Content>[]): void {
    const records = this.#build(hostName, parts);
    if (this.#zones.find(hostName) === undefined) this.#instructions.push(...records.map(foreignInstruction));
    else this.#add("server", hostName, records);
  }

  /** All that it had under this name; nothing is proved for a name that gets no certificate any more. */
  #addFormerHost(name: string, server: ServerDescription<Content>): void {
    const keys = this.#zones.find(name)?.signed === true ? server.keys : undefined;
    const former = { ...server, hostName: name, keys, challengeZone: undefined, persistentProof: undefined };
    const why = "The mail server's name before, to which an MX that others still hold may point";
    this.#addHost(name, serverParts(former, this.#withPolicy, why));
  }

  #addReverseNames({ hostName, addresses, ttl }: ServerDescription<Content>): void {
    for (const address of [addresses.ipv4, addresses.ipv6]) {
      if (typeof address === "string") this.#addReverseName(address, hostName);
      else if (address !== undefined) this.#laterReverseNames.push({ hostName, ttl, address });
    }
  }

  /** Servers may share an address: its names are one set of records, which has one TTL (RFC 2181 section 5.2). */
  #addReverseName(address: string, hostName: string): void {
    const { servers } = this.#description;
    const sharing = servers.filter(({ addresses: { ipv4, ipv6 } }) => address === ipv4 || address === ipv6);
    const ttl = Math.min(...sharing.map((server) => server.ttl));
    const records = this.#quietly(() => [ptrRecord(address, hostName, ttl)]);
    const zone = records.map(({ name }) => this.#zones.find(name)?.name).find((name) => name !== undefined);
    if (zone !== undefined) this.#groups.push({ kind: "server", owner: hostName, zone, records });
    else this.#instructions.push(...this.#quietly(() => ptrInstructions(hostName, ttl, [address])));
  }

  #addDomain({ domain }: DomainDescription<Content>, parts: readonly RecordPart<string | Content>[]): void {
    this.#add("domain", domain, this.#build(domain, parts));
  }

  #build(owner: string, parts: readonly RecordPart<string | Content>[]): DnsRecord<string | Content>[] {
    return parts.flatMap(({ part, build }) => this.#problems.attempt(owner, part, build));
  }

  #add(kind: RecordGroup["kind"], owner: string, records: readonly DnsRecord<string | Content>[]): void {
    const zone = this.#zones.find(owner)?.name;
    if (zone === undefined) {
      this.#problems.report(owner, "zones", "lies in none of the zones that are published: add its zone");
    } else {
      this.#groups.push({ kind, owner, zone, records });
    }
  }

  /** Who of ours has to allow whose reports; what others have to allow is an instruction. */
  #reportAuthorizations(): {
    byOwner: Map<string, string[]>;
    byZone: Map<string, DnsRecord[]>;
    asks: Instruction[];
  } {
    const asks: Instruction[] = [];
    const byOwner = new Map<string, string[]>();
    const byZone = new Map<string, DnsRecord[]>();
    const owners = new Set(this.#description.domains.map(({ domain }) => domain));
    const { domains, parkedDomains } = this.#description;
    const parked = parkedDomains.map((each) => ({ ...each, dmarc: { policy: "reject", ...each } as const }));
    for (const { domain, ttl, dmarc } of [...domains, ...parked]) {
      const isSame = (receiver: string) => this.#isSameOrganization(domain, receiver);
      const receivers = this.#quietly(() => reportReceivers(dmarc, isSame));
      const foreign = receivers.filter((receiver) => this.#zones.find(receiver) === undefined);
      asks.push(...this.#quietly(() => reportInstructions(domain, ttl, foreign)));
      for (const receiver of receivers) {
        const zone = this.#zones.find(receiver)?.name;
        if (owners.has(receiver)) append(byOwner, receiver, domain);
        else if (zone !== undefined) {
          const record = reportAuthorizationRecord(domain, receiver, ttl);
          // One zone may hold several receivers of one domain's reports.
          append(byZone, zone, { ...record, role: `${record.role}-at-${receiver}` });
        }
      }
    }
    return { byOwner, byZone, asks };
  }

  /**
   * Whether a tree walk from both would end at one domain (RFC 9989 section 4.10.2), as far as that is known without
   * the DNS: they are in one zone of ours, or below one domain that has a policy here.
   */
  #isSameOrganization(domain: string, other: string): boolean {
    const zone = this.#zones.find(domain);
    if (zone !== undefined && zone === this.#zones.find(other)) return true;
    return this.#hasPolicyAbove(domain, other);
  }

  #hasPolicyAbove(domain: string, other: string): boolean {
    for (let name = domain; name.includes("."); name = name.slice(name.indexOf(".") + 1)) {
      if (isWithin(other, name) && this.#withPolicy.has(name)) return true;
    }
    return false;
  }

  /** For what is built from values that another part has already been refused for. */
  #quietly<Item>(build: () => Item[]): Item[] {
    return new ProblemList().attempt("", "", build);
  }
}

/**
 * The names that its servers had before, after all others. A resolver may deny a new name for as long as it holds the proof
 * that nothing was there (RFC 8198 section 5.1), and mail is returned where no MX has an address (RFC 5321 section 5.1).
 */
function formerExchanges<Content>(
  { exchanges }: DomainDescription<Content>,
  formerHostNames: ReadonlyMap<string, readonly string[]>,
): MailExchange[] {
  const declared = new Set(exchanges.map(({ host }) => host));
  const former = [...declared].flatMap((host) => formerHostNames.get(host) ?? []);
  const last = Math.max(...exchanges.map(({ preference }) => preference));
  return former
    .filter((host) => !declared.has(host))
    .map((host, index) => ({
      host,
      preference: Math.min(last + 10 * (index + 1), 65_535),
      label: host,
    }));
}

/** What parents of zones commonly use, in seconds: a day. */
const dsTtl = 86_400;

function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
