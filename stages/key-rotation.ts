import { enter, formatTime, isDue, type Moment, type Refusal, type Staged } from "./staged.ts";

/** A key's way: its record is there first, then it is used, and its record outlives its use. */
export type KeyStage<InUse extends string = string> = "published" | InUse | "retired";

/** How keys of one kind are used, and what has to pass between two stages. */
export interface KeyUse<InUse extends string> {
  /** The stage in which a key is used. */
  readonly inUse: InUse;
  /** How long its record is there before it may be used, in seconds. */
  readonly publishedSeconds: (ttlSeconds: number, asked: boolean) => number;
  /** How long its record stays after its last use, in seconds. */
  readonly retiredSeconds: (ttlSeconds: number) => number;
  /** What happens when it is used before others find its record. */
  readonly tooEarly: string;
  /** What happens when its record is removed too early. */
  readonly tooShort: string;
  /** For how long a retired key stays, in words. */
  readonly keeps: string;
}

const daySeconds = 86_400;
/** How long a message that cannot be delivered is tried again: Postfix' `maximal_queue_lifetime`. */
const longestQueueSeconds = 5 * daySeconds;

/** Keys that sign mail: RFC 6376 section 3.6.1 and appendix C. */
export const dkimUse: KeyUse<"signing"> = {
  inUse: "signing",
  // Nobody asks for a selector before a signature names it, so none of it is cached: once the authoritative
  // servers answer, everybody finds it. Where they are not queried, one TTL has to elapse instead.
  publishedSeconds: (ttlSeconds, asked) => (asked ? 0 : ttlSeconds),
  retiredSeconds: (ttlSeconds) => longestQueueSeconds + ttlSeconds,
  tooEarly: "mail that it signs would fail where its record is not found",
  tooShort: "mail that it has signed may still be in transit",
  keeps: "5 days (the longest time in a queue) and one TTL",
};

/** The mail server's own key, which others know by TLSA records: RFC 7671 section 8.1. */
export const serverKeyUse: KeyUse<"serving"> = {
  inUse: "serving",
  // Others hold the set of TLSA records from before it had this one.
  publishedSeconds: (ttlSeconds) => ttlSeconds,
  retiredSeconds: (ttlSeconds) => ttlSeconds,
  tooEarly: "servers that still hold the earlier TLSA records would refuse to deliver",
  tooShort: "other servers may already rely on it",
  keeps: "one TTL",
};

/** What a rotation is judged by. */
export interface RotationMoment extends Moment {
  /** Whether the authoritative servers are asked for a key's record before it is used. */
  readonly asked: boolean;
}

/** Where a map of keys is declared. */
export interface KeyPlaces {
  /** @example `domains[0].dkim` */
  readonly list: string;
  /** @example rsa2 → `domains[0].dkim[1].stage` */
  readonly stage: (name: string) => string;
}

export type StagedKeys<InUse extends string> = Readonly<Record<string, Staged<KeyStage<InUse>>>>;

export interface Rotation<InUse extends string> {
  /** All keys as declared, with the time since when; of use only where nothing is refused. */
  readonly keys: StagedKeys<InUse>;
  readonly refusals: readonly Refusal[];
  /** Keys whose record the authoritative servers have to answer with first; none where they are not asked. */
  readonly toConfirm: readonly string[];
}

/**
 * One change of a map of keys.
 *
 * @param olds - what is in force; `undefined` where there is nothing yet, and every stage may be the first.
 */
export function rotate<InUse extends string>(
  use: KeyUse<InUse>,
  olds: StagedKeys<InUse> | undefined,
  news: Readonly<Record<string, KeyStage<InUse>>>,
  moment: RotationMoment,
  places: KeyPlaces,
): Rotation<InUse> {
  const refusals: Refusal[] = [];
  const toConfirm: string[] = [];
  const keys: Record<string, Staged<KeyStage<InUse>>> = {};
  for (const [name, stage] of Object.entries(news)) {
    const old = olds?.[name];
    if (old?.stage === stage) {
      keys[name] = old;
      continue;
    }
    keys[name] = enter(stage, moment.now, waitAfter(use, stage, moment));
    if (olds === undefined) continue;
    const message = stepProblem(use, name, old, stage, moment);
    if (message !== undefined) refusals.push({ path: places.stage(name), message });
    // A retired key's record has been there all the time.
    else if (moment.asked && old?.stage === "published") toConfirm.push(name);
  }
  for (const [name, old] of Object.entries(olds ?? {})) {
    if (Object.hasOwn(news, name)) continue;
    const message = removalProblem(use, name, old, moment);
    if (message !== undefined) refusals.push({ path: places.list, message });
  }
  return { keys, refusals, toConfirm };
}

function waitAfter<InUse extends string>(
  use: KeyUse<InUse>,
  stage: KeyStage<InUse>,
  { ttlSeconds, asked }: RotationMoment,
): number {
  if (stage === "published") return use.publishedSeconds(ttlSeconds, asked);
  return stage === "retired" ? use.retiredSeconds(ttlSeconds) : 0;
}

function stepProblem<InUse extends string>(
  use: KeyUse<InUse>,
  name: string,
  old: Staged<KeyStage<InUse>> | undefined,
  stage: KeyStage<InUse>,
  { now }: RotationMoment,
): string | undefined {
  const { inUse, tooEarly } = use;
  if (old === undefined) {
    if (stage === "published") return undefined;
    const why = stage === "retired" ? "it has never been used" : tooEarly;
    return `${name} is new here: ${why}. Write stage: published first, and ${inUse} in a later change`;
  }
  if (old.stage === "published") {
    if (stage === "retired") {
      return `${name} is published and has never been used: write stage: ${inUse}, or remove it`;
    }
    if (isDue(old, now)) return undefined;
    return `${name} has been published since ${formatTime(old.since)}: ${tooEarly}. Keep stage: published until ${formatTime(old.nextFrom)}`;
  }
  if (stage !== "published") return undefined;
  return old.stage === "retired"
    ? `${name} is retired: keep stage: retired until ${formatTime(old.nextFrom)}, or write ${inUse} to use it again`
    : `${name} is in use: write stage: retired to end that, so that its record stays for ${use.keeps}`;
}

function removalProblem<InUse extends string>(
  use: KeyUse<InUse>,
  name: string,
  old: Staged<KeyStage<InUse>>,
  { now }: RotationMoment,
): string | undefined {
  if (old.stage === "published") return undefined;
  if (old.stage === use.inUse) {
    return `${name} is in use and cannot be removed at once: ${use.tooShort}. Write it again with stage: retired; it can be removed ${use.keeps} later`;
  }
  if (isDue(old, now)) return undefined;
  return `${name} has been retired since ${formatTime(old.since)} and cannot be removed yet: ${use.tooShort}. Write it again with stage: retired until ${formatTime(old.nextFrom)}`;
}
