import { nameRows, policyRows } from "./dns.ts";
import { dovecotRows } from "./dovecot.ts";
import { hostRows } from "./host.ts";
import type { Row } from "./row.ts";
import { mailRows, postfixRows } from "./smtp.ts";
import { webRows } from "./web.ts";

/** Places that are broken without a word of each other: one file, or records that no other row changes at the same time. */
const areas: readonly (readonly Row[])[] = [
  postfixRows,
  [...mailRows, ...dovecotRows],
  nameRows,
  policyRows,
  webRows,
  hostRows,
];

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

/** A zone that is signed otherwise is loaded again, or restarts its server, which forgets records of ours. */
const changesSignatures = ({ red }: Row) => red.some((id) => id.startsWith("dnssec."));
const changesRecords = ({ red }: Row) => red.some((id) => id.startsWith("dns."));

function goTogether(one: Row, other: Row): boolean {
  if (looksAtFiles(one) || looksAtFiles(other)) return false;
  if (changesSignatures(one) && changesRecords(other)) return false;
  if (changesSignatures(other) && changesRecords(one)) return false;
  return !one.red.some((id) => other.red.includes(id));
}
