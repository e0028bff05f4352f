/** What a live zone and a stack's records have to do with each other. */
import type { LiveRecord } from "../publishers/live.ts";
import { isWithin, rivalry, saysTheSame, slotKind, slotOf } from "../records/index.ts";
import { remedyOf } from "./remedy.ts";
import { proposeIssuers, proposeSettings, type SettingsProposal } from "./settings-proposal.ts";
import { proposeSpf, type SpfProposal } from "./spf-proposal.ts";
import { isOfDomain, type WantedRecord } from "./wanted-record.ts";

/** A live record that becomes one of the stack's, in place. */
export interface Match {
  readonly wanted: WantedRecord;
  readonly live: LiveRecord;
  /** What `up` changes of it afterwards. */
  readonly changes: readonly Change[];
}

export interface Change {
  readonly property: "content" | "ttl" | "proxied" | "comment" | "tags";
  readonly from: string;
  /** `undefined` while the key does not exist that the content is made from. */
  readonly to: string | undefined;
}

/** Records of others where ours belong. */
export interface Conflict {
  /** Ours that are not there yet; empty where the others stand beside ours. */
  readonly wanted: readonly WantedRecord[];
  readonly live: readonly LiveRecord[];
  /** The effect, and what to do: sentences. */
  readonly remedy: string;
  /** Whether ours may take the others' place in an `up`, each in the order of its list. */
  readonly canTakeOver: boolean;
  readonly spf?: SpfProposal | undefined;
  readonly proposal?: SettingsProposal | undefined;
}

export interface Comparison {
  readonly matches: readonly Match[];
  readonly conflicts: readonly Conflict[];
  /** What is not there in any form. */
  readonly creations: readonly WantedRecord[];
  /** What the stack has in its state already: a preview shows what happens to it. */
  readonly held: readonly LiveRecord[];
  /** What has nothing to do with the stack. */
  readonly untouched: readonly LiveRecord[];
  /** What else to do before `up`; sentences. */
  readonly warnings: readonly string[];
}

export interface ComparisonOptions {
  /** Resources that are to replace, in place, the record that they conflict with. */
  readonly takeOver: ReadonlySet<string>;
  /** What is in the stack's state, before the first `up` nothing: the record's id by its resource. */
  readonly held: ReadonlyMap<string, string>;
  /** The stack's domains, whose addresses are ones that it makes. @default none */
  readonly domains?: ReadonlySet<string> | undefined;
}

/** @param apex - the zone's name. */
export function compareZone(
  apex: string,
  wanted: readonly WantedRecord[],
  live: readonly LiveRecord[],
  options: ComparisonOptions,
): Comparison {
  return new Comparer(apex, wanted, live, options).compare();
}

type Placed = WantedRecord["record"] | LiveRecord;

class Comparer {
  readonly #apex: string;
  readonly #takeOver: ReadonlySet<string>;
  readonly #domains: ReadonlySet<string>;
  /** All that the stack publishes here, and all that there is. */
  readonly #declared: readonly WantedRecord[];
  readonly #all: readonly LiveRecord[];
  readonly #held: LiveRecord[];
  readonly #matches: Match[] = [];
  readonly #conflicts: Conflict[] = [];
  readonly #wanted: Set<WantedRecord>;
  readonly #live: Set<LiveRecord>;
  /** All of ours, wherever they stand, by name and type. */
  readonly #ours: ReadonlyMap<string, readonly Placed[]>;

  constructor(
    apex: string,
    wanted: readonly WantedRecord[],
    live: readonly LiveRecord[],
    { takeOver, held, domains = new Set() }: ComparisonOptions,
  ) {
    const heldIds = new Set(held.values());
    this.#apex = apex;
    this.#takeOver = takeOver;
    this.#domains = domains;
    this.#declared = wanted;
    this.#all = live;
    this.#held = live.filter(({ id }) => heldIds.has(id));
    this.#live = new Set(live.filter(({ id }) => !heldIds.has(id)));
    this.#wanted = new Set(wanted.filter(({ resource }) => !held.has(resource)));
    const ours: Placed[] = [...this.#held, ...[...this.#wanted].map(({ record }) => record)];
    this.#ours = Map.groupBy(ours, placeOf);
  }

  compare(): Comparison {
    this.#refuseDelegations();
    this.#match();
    this.#refuseAliases();
    this.#makeRoomForAliases();
    const bySlot = Map.groupBy(this.#wanted, ({ record }) => slotOf(record));
    for (const [slot, others] of Map.groupBy(this.#live, slotOf)) {
      if (slot === undefined) continue;
      const rivals = others.filter((other) => rivalry(this.#oursAt(other), other) !== undefined);
      if (rivals.length > 0) this.#settle(bySlot.get(slot) ?? [], rivals);
    }
    return {
      matches: this.#matches,
      conflicts: this.#conflicts,
      creations: [...this.#wanted],
      held: this.#held,
      untouched: [...this.#live],
      warnings: [...this.#warnOfPolicies(), ...this.#warnOfAddresses(), ...this.#warnOfAuthorities()],
    };
  }

  /** Records that say the same are matched first, whatever else is there. */
  #match(): void {
    const byName = Map.groupBy(this.#live, ({ name }) => name);
    for (const wanted of this.#wanted) {
      const live = byName
        .get(wanted.record.name)
        ?.find((candidate) => this.#live.has(candidate) && saysTheSame(wanted.record, candidate));
      if (live === undefined) continue;
      // Nobody can change it, and its keeper would take it away.
      if (live.keeper === undefined) this.#pair(wanted, live);
      else
        this.#conflict({
          wanted: [wanted],
          live: [live],
          canTakeOver: false,
          remedy: remedyOf("kept", [wanted], [live]),
        });
    }
  }

  #pair(wanted: WantedRecord, live: LiveRecord): void {
    this.#matches.push({ wanted, live, changes: changesOf(wanted, live) });
    this.#wanted.delete(wanted);
    this.#live.delete(live);
  }

  /**
   * A publisher refuses addresses beside an alias. The DNS hides everything else behind it (RFC 1034 section 3.6.2),
   * unless the alias is published as addresses, as each one at an apex is: then mail's records are beside it as
   * beside any address.
   */
  #refuseAliases(): void {
    const aliases = [...this.#live].filter(({ type }) => type === "CNAME");
    const slots = new Set([...this.#live].map(slotOf));
    const isRivalled = (slot: string | undefined): boolean => slot !== undefined && slots.has(slot);
    for (const [name, live] of Map.groupBy(aliases, (alias) => alias.name)) {
      const hides = live.some((alias) => this.#isOpaque(alias));
      const here = [...this.#wanted].filter(({ record }) => record.name === name && record.type !== "CNAME");
      const wanted = here.filter(({ record }) => isAddress(record) || (hides && !isRivalled(slotOf(record))));
      const isHidden =
        hides &&
        (here.length > 0 ||
          this.#matches.some((match) => match.live.name === name && match.live.type !== "CNAME"));
      if (wanted.length === 0 && !isHidden) continue;
      this.#conflict({ wanted, live, canTakeOver: false, remedy: remedyOf("beside-alias", wanted, live) });
    }
  }

  /** Ours are not published as addresses, so that nothing else can be at their names. */
  #makeRoomForAliases(): void {
    for (const wanted of this.#wanted) {
      const { name, type } = wanted.record;
      if (type !== "CNAME") continue;
      const here = [...this.#live].filter((other) => other.name === name);
      if (here.every((other) => other.type === "CNAME")) continue;
      this.#conflict({
        wanted: [wanted],
        live: here,
        canTakeOver: false,
        remedy: remedyOf("become-alias", [wanted], here),
      });
    }
  }

  #isOpaque({ name, proxied, flattened = proxied }: LiveRecord): boolean {
    return name !== this.#apex && !flattened;
  }

  /** Below its apex, a zone holds nothing at and below a name that it delegates (RFC 1034 section 4.2.1). */
  #refuseDelegations(): void {
    const delegations = [...this.#live].filter(({ name, type }) => type === "NS" && name !== this.#apex);
    for (const [name, live] of Map.groupBy(delegations, (delegation) => delegation.name)) {
      const wanted = [...this.#wanted].filter(({ record }) => isWithin(record.name, name));
      if (wanted.length === 0) continue;
      this.#conflict({ wanted, live, canTakeOver: false, remedy: remedyOf("delegation", wanted, live) });
    }
  }

  /** @param wanted - those of ours that are not there, which may take the rivals' places. */
  #settle(wanted: readonly WantedRecord[], rivals: readonly LiveRecord[]): void {
    const free = rivals.filter(({ keeper }) => keeper === undefined);
    const pairs = wanted.flatMap((record, index) => {
      const rival = free[index];
      return rival !== undefined && this.#takeOver.has(record.resource) ? [{ record, rival }] : [];
    });
    for (const { record, rival } of pairs) this.#pair(record, rival);
    const left = {
      wanted: wanted.filter((record) => this.#wanted.has(record)),
      live: rivals.filter((rival) => this.#live.has(rival)),
    };
    const [first] = left.live;
    const kind = first === undefined ? undefined : slotKind(first);
    if (first === undefined || kind === undefined) return;
    const isKept = left.live.some(({ keeper }) => keeper !== undefined);
    this.#conflict({
      ...left,
      canTakeOver: left.wanted.length > 0 && !isKept,
      remedy: remedyOf(kind, left.wanted, left.live, this.#effectOf(left.live), this.#settingsAt(first)),
      ...this.#propose(left.wanted, left.live),
    });
  }

  /** Of all of them, where they differ. */
  #effectOf(live: readonly LiveRecord[]): string {
    const effects = live.flatMap((rival) => rivalry(this.#oursAt(rival), rival) ?? []);
    return `${[...new Set(effects)].map((effect) => effect.replace(/\.$/, "")).join(", and ")}.`;
  }

  #propose(wanted: readonly WantedRecord[], live: readonly LiveRecord[]): Pick<Conflict, "spf" | "proposal"> {
    const [ours] = wanted;
    const [theirs] = live;
    if (theirs?.type === "CAA") {
      const own = this.#oursAt(theirs).flatMap(({ content }) => content ?? []);
      return {
        proposal: proposeIssuers(
          this.#settingsAt(theirs),
          own,
          live.map(({ content }) => content),
        ),
      };
    }
    if (ours === undefined || theirs === undefined) return {};
    const { settings, includedLookups, record } = ours;
    if (record.role !== "spf") return { proposal: proposeSettings(ours, theirs.content, this.#domains) };
    if (typeof record.content !== "string" || !isOfDomain(settings)) return {};
    const policies = live.map(({ content }) => content);
    const circumstances = {
      includedLookups,
      formerExchanges: this.#formerExchanges(record.name),
      formerSenders: live.flatMap(({ keeper }) => keeper?.senders ?? []),
    };
    return { spf: proposeSpf(settings, record.name, record.content, policies, circumstances) };
  }

  #formerExchanges(name: string): string[] {
    const exchanges = (records: readonly Placed[]): string[] =>
      records.flatMap((record) =>
        record.name === name && record.type === "MX" ? (record.content?.split(" ")[1] ?? []) : [],
      );
    const ours = new Set(exchanges([...this.#ours.values()].flat()));
    const free = this.#all.filter(({ keeper }) => keeper === undefined);
    return exchanges(free).filter((host) => !ours.has(host) && host !== ".");
  }

  #oursAt(record: Placed): readonly Placed[] {
    return this.#ours.get(placeOf(record)) ?? [];
  }

  /** Where the stack file describes whose record stands beside another. */
  #settingsAt(live: LiveRecord): string {
    const place = placeOf(live);
    return this.#declared.find(({ record }) => placeOf(record) === place)?.settings ?? "";
  }

  #conflict(conflict: Conflict): void {
    this.#conflicts.push(conflict);
    for (const wanted of conflict.wanted) this.#wanted.delete(wanted);
    for (const live of conflict.live) this.#live.delete(live);
  }

  /** An enforced policy that does not name a new server lets mail to it fail (RFC 8461 section 5). */
  #warnOfPolicies(): string[] {
    const waiting = [...this.#wanted, ...this.#conflicts.flatMap(({ wanted }) => wanted)];
    return waiting
      .filter(({ record }) => record.type === "MX" && record.content !== "0 .")
      .filter(({ record }) => [...this.#live].some((live) => live.name === `_mta-sts.${record.name}`))
      .map(({ record }) => {
        const exchange = record.content?.split(" ")[1];
        return `${record.name} announces an MTA-STS policy: let its file name ${exchange}, and wait for its max_age, before the MX changes (RFC 8461 section 5).`;
      });
  }

  /** Whoever speaks the other version of IP reaches somebody else's machine under a name of ours. */
  #warnOfAddresses(): string[] {
    const others = [...this.#live].filter(
      (other) =>
        isAddress(other) &&
        ["A", "AAAA"].some((type) => type !== other.type && this.#oursAt({ ...other, type }).length > 0),
    );
    return [...new Set(others.map(placeOf))].map(
      (place) => `${place} is not yours and stays: delete it unless it is the same machine.`,
    );
  }

  /** The set nearest to a name counts, and no other (RFC 8659 section 3). */
  #warnOfAuthorities(): string[] {
    const domains = [...this.#ours.values()]
      .flat()
      .filter(({ type }) => type === "CAA")
      .map(({ name }) => name);
    const others = [...this.#live].filter(({ type }) => type === "CAA").map(({ name }) => name);
    return [...new Set(others)].flatMap((name) => {
      const above = domains.find((domain) => domain !== name && isWithin(name, domain));
      return above === undefined || domains.includes(name)
        ? []
        : `${name} has CAA records of its own, which replace those of ${above} there (RFC 8659 section 3).`;
    });
  }
}

function placeOf({ name, type }: Placed): string {
  return `${name} ${type}`;
}

function isAddress({ type }: Placed): boolean {
  return type === "A" || type === "AAAA";
}

function changesOf({ record }: WantedRecord, live: LiveRecord): Change[] {
  const changes: Change[] = [];
  const compare = (property: Change["property"], from: string, to: string | null): void => {
    if (from !== to) changes.push({ property, from, to: to ?? undefined });
  };
  compare("content", live.content, record.content);
  compare("ttl", formatTtl(live.ttl), formatTtl(record.ttl));
  // No record of ours is proxied: mail does not pass through it.
  compare("proxied", String(live.proxied), "false");
  compare("comment", live.comment, record.why);
  compare("tags", (live.tags ?? []).join(", "), "");
  return changes;
}

function formatTtl(ttl: number): string {
  return ttl === 1 ? "automatic" : String(ttl);
}
