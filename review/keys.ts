import { parseDkimKey } from "../naming/resources.ts";
import { reviewCertificates } from "./certificates.ts";
import type { Change } from "./change.ts";
import { isRemoved, type Step, stepsOf, textOf } from "./preview.ts";
import { dkimEffect, dkimStages, reviewDkimStages, reviewDnssecStages, type StageChange } from "./stages.ts";

/** Signing keys, the authority and the servers' certificates. Of no key more than its kind and dates is read. */
export function reviewKeys(steps: readonly Step[]): Change[] {
  const leaving = new Set(
    stepsOf(steps, "maildomain:index:MailDomain")
      .filter(isRemoved)
      .map(({ name }) => name),
  );
  const stages = dkimStages(steps);
  return [
    ...stepsOf(steps, "maildomain:index:DkimKey").flatMap((step) =>
      reviewDkimKey(step, leaving, stages.get(step.name)),
    ),
    ...stepsOf(steps, "maildomain:index:DnssecKey").flatMap((step) =>
      reviewDnssecKey(step, leavingZones(steps)),
    ),
    ...reviewDkimStages(steps),
    ...reviewDnssecStages(steps),
    ...reviewCertificates(steps),
  ];
}

function reviewDkimKey(
  step: Step,
  leavingDomains: ReadonlySet<string>,
  stage: StageChange | undefined,
): Change[] {
  const { domain = "", selector = "" } = parseDkimKey(step.name) ?? {};
  const name = `DKIM ${selector} of ${domain}`;
  const [before, after] = [textOf(step.before.algorithm), textOf(step.after.algorithm)];
  const change = { subject: "key", name, before, after } as const;
  if (step.operation === "create") {
    return [{ ...change, kind: "added", effect: dkimEffect(stage?.after) }];
  }
  if (isRemoved(step)) {
    // A removed domain has one risk, not one per key.
    if (leavingDomains.has(domain)) return [{ ...change, kind: "removed" }];
    // It signs nothing that is still under way: otherwise the step would have been refused.
    if (stage?.before !== undefined && stage.before !== "signing") {
      return [{ ...change, kind: "removed", effect: "No mail in transit needs it any longer." }];
    }
    const reason =
      "Mail in transit that it has signed fails verification once its record is gone: remove a key about a week after a new one has taken over.";
    return [{ ...change, kind: "removed", risk: { id: "dkim-key-removed", reason } }];
  }
  const reason =
    "The same selector gets a new key at once: until the old record has expired, receivers check new mail against the old key, and it fails. Add a key under a new selector first, and remove the old one later (RFC 6376 section 3.6.1).";
  return [{ ...change, kind: "replaced", risk: { id: "dkim-key-replaced", reason } }];
}

function leavingZones(steps: readonly Step[]): ReadonlySet<string> {
  const zones = stepsOf(steps, "maildomain:index:LocalZone").filter(isRemoved);
  return new Set(zones.flatMap(({ before }) => textOf(before.domain) ?? []));
}

/** RFC 6781 section 4: what the parent vouches for must be there for as long as others remember it. */
function reviewDnssecKey(step: Step, leaving: ReadonlySet<string>): Change[] {
  const zone = textOf(step.before.zone) ?? textOf(step.after.zone) ?? "";
  const change = { subject: "key", name: `DNSSEC of ${zone}` } as const;
  if (step.operation === "create") {
    const effect = "Signs the zone from `up` on; resolvers validate it once the parent has the DS record.";
    return [{ ...change, kind: "added", effect }];
  }
  // A removed zone takes its key along: what remains is the parent's record.
  if (leaving.has(zone)) {
    return [{ ...change, kind: "removed", effect: "Have the parent remove its DS record, if it has one." }];
  }
  if (isRemoved(step)) {
    const reason =
      "If the parent has a DS record, validating resolvers treat the unsigned zone as forged: no name resolves and no mail arrives. Have the DS record removed first, and wait until it has expired (RFC 6781 section 4.3).";
    return [{ ...change, kind: "removed", risk: { id: "dnssec-key-removed", reason } }];
  }
  const reason =
    "If the parent has a DS record, validating resolvers refuse every answer of the zone until the parent has the new one and the old one has expired: no name resolves and no mail arrives. Keep the key, or have the DS record removed first (RFC 6781 section 4.1).";
  return [{ ...change, kind: "replaced", risk: { id: "dnssec-key-replaced", reason } }];
}
