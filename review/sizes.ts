const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** In the largest unit that gives a whole number. @example "5 GiB" */
export function formatBytes(value: unknown): string | undefined {
  if (typeof value !== "number") return undefined;
  let [size, unit] = [value, 0];
  while (size >= 1024 && size % 1024 === 0 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size} ${units[unit]}`;
}

/** Two digits are enough to decide. @example "1.4 GiB" */
export function formatAmount(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${units[power]}`;
}
