/** One try of a client, in milliseconds of one clock. */
export interface Attempt {
  readonly start: number;
  readonly end: number;
  /** What went wrong; undefined where it was served. */
  readonly problem?: string | undefined;
}

/**
 * The longest time without a service, as its clients see it: from an attempt that failed until the first later one was
 * served. 0 where none failed, however long they took: that is the machine's speed.
 *
 * @param now - the end of it all, for a failure after which nobody was served
 */
export function longestOutage(attempts: readonly Attempt[], now: number): number {
  const served = attempts.filter(({ problem }) => problem === undefined);
  const outages = attempts
    .filter(({ problem }) => problem !== undefined)
    .map(({ start }) => {
      const ends = served.filter((other) => other.start > start).map(({ end }) => end);
      return Math.min(now, ...ends) - start;
    });
  return Math.max(0, ...outages);
}
