import { DmarcPolicy } from "../records/dmarc.ts";
import { enter, type Moment, type Refusal, type Staged } from "./staged.ts";

const rungs: readonly DmarcPolicy[] = [DmarcPolicy.none, DmarcPolicy.quarantine, DmarcPolicy.reject];
/** Receivers report once a day (RFC 9990 section 3.1). */
const reportSeconds = 86_400;

/**
 * One change of a domain's DMARC policy: stricter by one rung at a time, so that reports show each rung's harm
 * before the next; weaker at any time. When the next rung is safe is advice: only a person reads the reports.
 *
 * @param old - what is in force; `undefined` where there is nothing yet, and every policy may be the first.
 */
export function climbDmarc(
  old: Staged<DmarcPolicy> | undefined,
  policy: DmarcPolicy,
  { now, ttlSeconds }: Moment,
  path: string,
): { readonly dmarc: Staged<DmarcPolicy>; readonly refusals: readonly Refusal[] } {
  if (old?.stage === policy) return { dmarc: old, refusals: [] };
  const dmarc = enter(policy, now, ttlSeconds + reportSeconds);
  const next = old && nextDmarcRung(old.stage);
  if (old === undefined || next === undefined || rungs.indexOf(policy) <= rungs.indexOf(next)) {
    return { dmarc, refusals: [] };
  }
  const message = `${old.stage} → ${policy} skips ${next}: receivers would ${policy} mail of legitimate senders before any report could warn you. Write policy: ${next}, read the reports of some days, then write ${policy}`;
  return { dmarc, refusals: [{ path, message }] };
}

/** The policy that is one rung stricter; `undefined` at the top. */
export function nextDmarcRung(policy: DmarcPolicy): DmarcPolicy | undefined {
  return rungs[rungs.indexOf(policy) + 1];
}
