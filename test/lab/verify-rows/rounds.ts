import { dnsRows } from "./dns.ts";
import { dovecotRows } from "./dovecot.ts";
import { hostRows } from "./host.ts";
import type { Row } from "./row.ts";
import { smtpRows } from "./smtp.ts";
import { webRows } from "./web.ts";

/** Servers that do not read each other's settings. Postfix, the filter and Dovecot are one, which hands mail on. */
const areas: readonly (readonly Row[])[] = [[...smtpRows, ...dovecotRows], dnsRows, webRows, hostRows];

/**
 * The rows in rounds. What is wrong in one round is wrong at the same time, in one place of each area, and no check is
 * expected to be red for two reasons: `verify` runs once for all of them, and each of its findings is still one row's.
 */
export function roundsOf(all: readonly (readonly Row[])[] = areas): Row[][] {
  const rounds: Row[][] = [];
  for (const rows of all) {
    const taken = new Set<Row[]>();
    for (const row of rows) {
      const round = rounds.find((other) => !taken.has(other) && other.every((one) => goTogether(one, row)));
      const chosen = round ?? [];
      if (round === undefined) rounds.push(chosen);
      chosen.push(row);
      taken.add(chosen);
    }
  }
  return rounds;
}

/** What looks at files sees each that was edited by hand, which most other rows do. */
const looksAtFiles = ({ red }: Row) => red.some((id) => id.startsWith("files."));

function goTogether(one: Row, other: Row): boolean {
  if (looksAtFiles(one) || looksAtFiles(other)) return false;
  return !one.red.some((id) => other.red.includes(id));
}
