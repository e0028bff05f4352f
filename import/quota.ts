/** Dovecot's quotas, as sizes of a stack file. */

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** @param unit - of a number without one; `k` in Dovecot's `storage=` */
export function parseQuota(text: string, unit: "" | "k" = ""): number | undefined {
  const [, amount, written = ""] = /^(\d{1,15})\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * (unitBytes[written === "" ? unit : written.toLowerCase()] ?? 1);
}

/** In the largest unit that gives a whole number; what is less than a KiB more counts as one. */
export function formatQuota(bytes: number): string {
  let [size, unit] = [Math.ceil(bytes / 2 ** 10), 0];
  while (size % 1024 === 0 && unit < 3) {
    size /= 1024;
    unit += 1;
  }
  return `${size} ${["KiB", "MiB", "GiB", "TiB"][unit]}`;
}
