/** What a live zone and a stack's records have to do with each other. */
import type { LiveRecord } from "../publishers/live.ts";
import { saysTheSame, slotKind, slotOf } from "../records/index.ts";
import { remedyOf } from "./remedy.ts";
import { proposeSpf, type SpfProposal } from "./spf-proposal.ts";
import type { WantedRecord } from "./wanted-record.ts";

/** A live record that becomes one of the stack's, in place. */
export interface Match {
  readonly wanted: WantedRecord;
  readonly live: LiveRecord;
  /** What `up` changes of it afterwards. */
  readonly changes: readonly Change[];
}

export interface Change {
  readonly property: "content" | "ttl" | "proxied" | "comment";
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

class Comparer {
  readonly #apex: string;
  readonly #takeOver: ReadonlySet<string>;
  readonly #held: LiveRecord[];
  readonly #matches: Match[] = [];
  readonly #conflicts: Conflict[] = [];
  readonly #wanted: Set<WantedRecord>;
  readonly #live: Set<LiveRecord>;

  constructor(
    apex: string,
    wanted: readonly WantedRecord[],
    live: readonly LiveRecord[],
    { takeOver, held }: ComparisonOptions,
  ) {
    const heldIds = new Set(held.values());
    this.#apex = apex;
    this.#takeOver = takeOver;
    this.#held = live.filter(({ id }) => heldIds.has(id));
    this.#live = new Set(live.filter(({ id }) => !heldIds.has(id)));
    this.#wanted = new Set(wanted.filter(({ resource }) => !held.has(resource)));
  }

  compare(): Comparison {
    this.#match();
    this.#refuseAliases();
    this.#refuseDelegations();
    const bySlot = Map.groupBy(this.#wanted, ({ record }) => slotOf(record));
    const ours = new Set(
      [...this.#matches.map(({ wanted }) => wanted.record), ...this.#held].map((record) => slotOf(record)),
    );
    for (const [slot, rivals] of Map.groupBy(this.#live, slotOf)) {
      const wanted = bySlot.get(slot) ?? [];
      if (slot !== undefined && (wanted.length > 0 || ours.has(slot))) this.#settle(wanted, rivals);
    }
    return {
      matches: this.#matches,
      conflicts: this.#conflicts,
      creations: [...this.#wanted],
      held: this.#held,
      untouched: [...this.#live],
      warnings: this.#warn(),
    };
  }

  /** Records that say the same are matched first, whatever else is there. */
  #match(): void {
    const byName = Map.groupBy(this.#live, ({ name }) => name);
    for (const wanted of this.#wanted) {
      const live = byName
        .get(wanted.record.name)
        ?.find((candidate) => this.#live.has(candidate) && saysTheSame(wanted.record, candidate));
      if (live !== undefined) this.#pair(wanted, live);
    }
  }

  #pair(wanted: WantedRecord, live: LiveRecord): void {
    this.#matches.push({ wanted, live, changes: changesOf(wanted, live) });
    this.#wanted.delete(wanted);
    this.#live.delete(live);
  }

  /** No other record may exist beside an alias (RFC 1034 section 3.6.2), so a publisher refuses addresses there. */
  #refuseAliases(): void {
    const byName = Map.groupBy(this.#wanted, ({ record }) => record.name);
    for (const [name, wanted] of byName) {
      const wantsAlias = wanted.some(({ record }) => record.type === "CNAME");
      const live = [...this.#live].filter(
        (other) => other.name === name && (other.type === "CNAME") !== wantsAlias,
      );
      if (live.length === 0 || !(wantsAlias || live.some(({ type }) => type === "CNAME"))) continue;
      this.#conflict({ wanted, live, canTakeOver: false, remedy: remedyOf("alias", wanted, live) });
    }
  }

  /** Below its apex, a zone holds nothing at and below a name that it delegates (RFC 1034 section 4.2.1). */
  #refuseDelegations(): void {
    const delegations = [...this.#live].filter(({ name, type }) => type === "NS" && name !== this.#apex);
    for (const [name, live] of Map.groupBy(delegations, (delegation) => delegation.name)) {
      const wanted = [...this.#wanted].filter(
        ({ record }) => record.name === name || record.name.endsWith(`.${name}`),
      );
      if (wanted.length === 0) continue;
      this.#conflict({ wanted, live, canTakeOver: false, remedy: remedyOf("delegation", wanted, live) });
    }
  }

  #settle(wanted: readonly WantedRecord[], rivals: readonly LiveRecord[]): void {
    const kind = slotKind(wanted[0]?.record ?? (rivals[0] as LiveRecord));
    const pairs = wanted.flatMap((record, index) => {
      const rival = rivals[index];
      return rival !== undefined && this.#takeOver.has(record.resource) ? [{ record, rival }] : [];
    });
    for (const { record, rival } of pairs) this.#pair(record, rival);
    const left = {
      wanted: wanted.filter((record) => this.#wanted.has(record)),
      live: rivals.filter((rival) => this.#live.has(rival)),
    };
    if (kind === undefined || left.live.length === 0) return;
    const [first] = left.wanted;
    const isDomains = first?.record.role === "spf" && typeof first.record.content === "string";
    this.#conflict({
      ...left,
      canTakeOver: left.wanted.length > 0,
      remedy: remedyOf(kind, left.wanted, left.live),
      spf: isDomains
        ? proposeSpf(
            first.settings,
            first.record.name,
            first.record.content ?? "",
            left.live.map(({ content }) => content),
          )
        : undefined,
    });
  }

  #conflict(conflict: Conflict): void {
    this.#conflicts.push(conflict);
    for (const wanted of conflict.wanted) this.#wanted.delete(wanted);
    for (const live of conflict.live) this.#live.delete(live);
  }

  /** An enforced policy that does not name a new server lets mail to it fail (RFC 8461 section 5). */
  #warn(): string[] {
    const waiting = [...this.#wanted, ...this.#conflicts.flatMap(({ wanted }) => wanted)];
    return waiting
      .filter(({ record }) => record.type === "MX" && record.content !== "0 .")
      .filter(({ record }) => [...this.#live].some((live) => live.name === `_mta-sts.${record.name}`))
      .map(({ record }) => {
        const exchange = record.content?.split(" ")[1];
        return `${record.name} announces an MTA-STS policy: let its file name ${exchange}, and wait for its max_age, before the MX changes (RFC 8461 section 5).`;
      });
  }
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
  return changes;
}

function formatTtl(ttl: number): string {
  return ttl === 1 ? "automatic" : String(ttl);
}
