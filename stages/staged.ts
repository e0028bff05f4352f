/** What is common to everything that changes in declared stages. Times are ISO 8601 in UTC, whole seconds. */

/** A stage in force, as the state keeps it. */
export interface Staged<Stage extends string = string> {
  readonly stage: Stage;
  /** When it was first declared. */
  readonly since: string;
  /** The time from which the next step is safe, whatever the TTL is by then. */
  readonly nextFrom: string;
}

/** A step that would break something, found before anything changes. */
export interface Refusal {
  /** Where it is declared. @example `domains[0].dkim[1].stage` */
  readonly path: string;
  /** What is wrong, what to write instead, and when it is safe. */
  readonly message: string;
}

/** What a step is judged by in addition to what is declared. */
export interface Moment {
  readonly now: Date;
  /**
   * How long others may still hold what was published so far, in seconds: the TTL before the change,
   * or after it where that is longer.
   */
  readonly ttlSeconds: number;
}

/** A stage that comes into force now. */
export function enter<Stage extends string>(stage: Stage, now: Date, waitSeconds: number): Staged<Stage> {
  return { stage, since: timestamp(now), nextFrom: timeAfter(now, waitSeconds) };
}

export function timeAfter(now: Date, seconds: number): string {
  return timestamp(new Date(now.getTime() + seconds * 1000));
}

/** Whether the next step is safe by now. */
export function isDue({ nextFrom }: Pick<Staged, "nextFrom">, now: Date): boolean {
  return now.getTime() >= Date.parse(nextFrom);
}

/** @example `2026-11-29 14:00:05 UTC` */
export function formatTime(time: string): string {
  return time.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

function timestamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}
