import type { Result } from "./driver.ts";
import { type Service, services } from "./load.ts";

/** What a whole run of the catalogue has measured, as `measured.json` keeps it for docs/changes.md. */
export interface Measurements {
  /** @example "2026-11-29" */
  readonly day: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** How many processes were ready to run on average, before the run and at its end. */
  readonly load: readonly [before: number, after: number];
  readonly seed: number;
  readonly order: readonly string[];
  readonly changes: Readonly<Record<string, MeasuredChange>>;
}

/** In seconds. */
export interface MeasuredChange {
  /** How many changes this `up` has made, this one among them. */
  readonly together: number;
  readonly review: number;
  readonly up: number;
  /** The longest time without a service, where there was one. */
  readonly away: Partial<Readonly<Record<Service, number>>>;
}

export function measure({ times, observed }: Result): Omit<MeasuredChange, "together"> {
  const away = services.flatMap((service) => {
    const outages = (observed?.seen ?? []).filter((seen) => seen.service === service);
    const longest = Math.max(0, ...outages.map(({ outage }) => outage));
    return longest === 0 ? [] : [[service, seconds(longest)] as const];
  });
  return { review: seconds(times.review), up: seconds(times.up), away: Object.fromEntries(away) };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
