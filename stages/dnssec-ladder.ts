import { enter, formatTime, isDue, type Moment, type Refusal, type Staged } from "./staged.ts";

/** How far a zone is from signed to unsigned: in between, its parent no longer has a DS record for it. */
export type DnssecStage = "signed" | "withdrawn" | "unsigned";

/** The TTL that parent zones commonly give DS records, in seconds: a day. */
const dsTtlSeconds = 86_400;

/**
 * One change of whether a zone is signed. While others hold the parent's DS record they refuse everything of a zone
 * without signatures (RFC 4035 section 5.2; RFC 6781 section 4.3.3 for the order).
 *
 * @param old - what is in force; `undefined` where there is nothing yet.
 */
export function leaveDnssec(
  old: Staged<DnssecStage> | undefined,
  stage: DnssecStage,
  { now, ttlSeconds }: Moment,
  settings: string,
): { readonly dnssec: Staged<DnssecStage>; readonly refusals: readonly Refusal[] } {
  if (old?.stage === stage) return { dnssec: old, refusals: [] };
  const dnssec = enter(stage, now, stage === "withdrawn" ? dsTtlSeconds + ttlSeconds : 0);
  const message = stage === "unsigned" && old !== undefined ? problem(old, now) : undefined;
  return { dnssec, refusals: message === undefined ? [] : [{ path: `${settings}dnssec`, message }] };
}

function problem(old: Staged<DnssecStage>, now: Date): string | undefined {
  if (old.stage === "signed") {
    return "the zone is signed here: while its parent has a DS record, resolvers refuse every answer of a zone without signatures. Have the DS record removed there, write ds: false beside dnssec: true, and dnssec: false one day and one TTL later";
  }
  if (isDue(old, now)) return undefined;
  return `resolvers may still hold the parent's DS record: keep dnssec: true with ds: false until ${formatTime(old.nextFrom)}`;
}
