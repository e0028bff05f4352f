const units = [
  ["days", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** A span of time as people say it: in the largest unit of which there are two. @param milliseconds - not negative. */
export function shortTime(milliseconds: number): string {
  const [unit, length] = units.find(([, each]) => milliseconds >= 2 * each) ?? units[3];
  return `${Math.floor(milliseconds / length)} ${unit}`;
}
