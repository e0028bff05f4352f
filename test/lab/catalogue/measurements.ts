import type { Result } from "./driver.ts";
import { type Service, services } from "./load.ts";

/** What runs of the catalogue have measured, as `measured.json` keeps it for docs/changes.md, by the ids of changes. */
export type Measurements = Readonly<Record<string, MeasuredChange>>;

/** The last measurement of a change. Times are in seconds. */
export interface MeasuredChange {
  /** @example "2026-11-29" */
  readonly day: string;
  /** How many processes were ready to run on average, on so many cores. */
  readonly load: number;
  readonly cores: number;
  /** How many changes this `up` has made, this one among them. */
  readonly together: number;
  readonly review: number;
  readonly up: number;
  /** The longest time without a service, where there was one. */
  readonly away: Partial<Readonly<Record<Service, number>>>;
}

export function measure({ times, observed }: Result): Pick<MeasuredChange, "review" | "up" | "away"> {
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
