import { type MtaStsPolicy, policyNames } from "../records/mta-sts.ts";
import { enter, formatTime, isDue, type Moment, type Refusal, type Staged, timeAfter } from "./staged.ts";

/** A domain's MTA-STS policy in force, with what others may still hold of the one before. */
export interface StagedMtaSts extends Staged<MtaStsPolicy["mode"]> {
  readonly mx: readonly string[];
  /** How long others keep the policy, in seconds. */
  readonly maxAge: number;
  /** Until when others may hold a policy `enforce`, and the hosts that each of those lets mail go to. */
  readonly bound?: { readonly until: string; readonly mx: readonly string[] } | undefined;
}

/** Where the policy and the mail exchangers are declared. */
export interface MtaStsPlaces {
  /** @example `domains[0].mtaSts.mode` */
  readonly mode: string;
  /** What decides which hosts receive the mail. @example `hostName` */
  readonly exchanges: string;
}

const daySeconds = 86_400;

/**
 * One change of a domain's MTA-STS policy (RFC 8461): `enforce` only after `testing`; after `enforce` a policy
 * `none` for as long as others keep the old one (section 8.3); and while others may hold a policy that is
 * enforced, mail is delivered only to hosts that it names (section 5).
 *
 * @param old - what is in force; `undefined` where no policy is.
 * @param policy - what is declared; `undefined` for none at all.
 * @param exchanges - the hosts to which the declared MX records point.
 * @param isNew - whether the domain is new, and may start anywhere.
 */
export function climbMtaSts(
  old: StagedMtaSts | undefined,
  policy: MtaStsPolicy | undefined,
  exchanges: readonly string[],
  isNew: boolean,
  moment: Moment,
  places: MtaStsPlaces,
): { readonly mtaSts: StagedMtaSts | undefined; readonly refusals: readonly Refusal[] } {
  const message = isNew ? undefined : modeProblem(old, policy, moment.now);
  return {
    mtaSts: policy && inForce(old, policy, moment),
    refusals: [
      ...(message === undefined ? [] : [{ path: places.mode, message }]),
      ...exchangeProblems(old, exchanges, moment.now).map((text) => ({
        path: places.exchanges,
        message: text,
      })),
    ],
  };
}

function modeProblem(
  old: StagedMtaSts | undefined,
  policy: MtaStsPolicy | undefined,
  now: Date,
): string | undefined {
  if (policy?.mode === "enforce" && old?.stage !== "enforce" && old?.stage !== "testing") {
    return `${old?.stage ?? "no policy"} → enforce skips testing: other servers would stop delivering wherever TLS fails, before any report could warn you. Write mode: testing, read the reports of some days, then write enforce`;
  }
  if (policy !== undefined || old === undefined || old.stage === "testing") return undefined;
  if (old.stage === "enforce") {
    return `other servers hold the policy for ${old.maxAge} s and would keep enforcing it. Write mode: none first, and remove it once that time has passed (RFC 8461 section 8.3)`;
  }
  if (isDue(old, now)) return undefined;
  return `others may still hold the enforced policy: keep mode: none until ${formatTime(old.nextFrom)} (RFC 8461 section 8.3)`;
}

function exchangeProblems(old: StagedMtaSts | undefined, exchanges: readonly string[], now: Date): string[] {
  const held = [
    ...(old?.stage === "enforce" ? [{ mx: old.mx, until: undefined }] : []),
    ...(old?.bound !== undefined && now.getTime() < Date.parse(old.bound.until) ? [old.bound] : []),
  ];
  return exchanges.flatMap((host) => {
    const binding = held.find(({ mx }) => !policyNames({ mode: "enforce", mx, maxAge: 0 }, host));
    if (binding === undefined) return [];
    const names = binding.mx.join(", ");
    return binding.until === undefined
      ? [
          `the enforced policy names only ${names}: other servers would not deliver to ${host}. Write mode: testing first, and move the MX once nobody holds the old policy any longer (${old?.maxAge} s later; RFC 8461 section 5)`,
        ]
      : [
          `other servers may still hold an enforced policy that names only ${names}: they would not deliver to ${host}. Move the MX from ${formatTime(binding.until)} on (RFC 8461 section 5)`,
        ];
  });
}

function inForce(old: StagedMtaSts | undefined, policy: MtaStsPolicy, moment: Moment): StagedMtaSts {
  const { now, ttlSeconds } = moment;
  const bound = boundBy(old, policy, moment);
  const { mx, maxAge } = policy;
  const rest = { mx, maxAge, ...(bound === undefined ? {} : { bound }) };
  if (old?.stage === policy.mode) {
    return { stage: old.stage, since: old.since, nextFrom: old.nextFrom, ...rest };
  }
  // Receivers of mail get a report once a day of what failed (RFC 8460 section 4.1).
  const wait = policy.mode === "none" ? ttlSeconds + (old?.maxAge ?? 0) : ttlSeconds + daySeconds;
  return { ...enter(policy.mode, now, wait), ...rest };
}

/** What others may still hold, after the change, of policies that were enforced before it. */
function boundBy(
  old: StagedMtaSts | undefined,
  policy: MtaStsPolicy,
  { now, ttlSeconds }: Moment,
): StagedMtaSts["bound"] {
  const former =
    old?.bound !== undefined && now.getTime() < Date.parse(old.bound.until) ? old.bound : undefined;
  if (old?.stage !== "enforce" || isSame(old, policy)) return former;
  const until = timeAfter(now, old.maxAge + ttlSeconds);
  const mx = former === undefined ? old.mx : old.mx.filter((host) => former.mx.includes(host));
  return { until, mx };
}

function isSame(old: StagedMtaSts, { mode, mx }: MtaStsPolicy): boolean {
  return old.stage === mode && old.mx.join() === mx.join();
}
