import { parseDkimKey, serverOfContainer, serverOfLeaf } from "../naming/resources.ts";
import type { Change } from "./change.ts";
import { isRemoved, listOf, type Step, stepsOf, textOf } from "./preview.ts";
import {
  dkimEffect,
  dkimStages,
  reviewDkimStages,
  reviewDnssecStages,
  reviewServerKeyStages,
  type StageChange,
  showsAnotherKey,
} from "./stages.ts";

/** Signing keys, the authority and the server's certificate. Of none of them more than its kind and dates is read. */
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
    ...stepsOf(steps, "maildomain:index:CertificateAuthority").flatMap(reviewAuthority),
    ...stepsOf(steps, "maildomain:index:ServerCertificate").flatMap((step) =>
      reviewCertificate(step, leavingServers(steps)),
    ),
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

function reviewAuthority(step: Step): Change[] {
  const [before, after] = [textOf(step.before.commonName), textOf(step.after.commonName)];
  const change = { subject: "key", name: "certificate authority", before, after } as const;
  if (step.operation === "create")
    return [{ ...change, kind: "added", effect: "Clients have to trust it once." }];
  const reason =
    "Every client that trusts the old authority warns or refuses to connect until it trusts the new one.";
  const kind = isRemoved(step) ? "removed" : "replaced";
  return [{ ...change, kind, risk: { id: "authority-replaced", reason } }];
}

function leavingServers(steps: readonly Step[]): ReadonlySet<string> {
  const containers = stepsOf(steps, "docker:index/container:Container").filter(isRemoved);
  return new Set(containers.flatMap(({ name }) => serverOfContainer(name) ?? []));
}

function reviewCertificate(step: Step, leaving: ReadonlySet<string>): Change[] {
  const server = serverOfLeaf(step.name);
  const name = `${server} certificate`;
  if (step.operation === "create") {
    return [{ subject: "key", kind: "added", name, after: formatDays(step.after.days) }];
  }
  if (isRemoved(step) && leaving.has(server)) {
    const effect = "Removed with its server, together with its private key.";
    return [{ subject: "key", kind: "removed", name, effect }];
  }
  if (step.operation !== "update") {
    const reason =
      "The server gets a new private key: it no longer matches published TLSA records, and clients that pinned the old key refuse it.";
    return [
      {
        subject: "key",
        kind: isRemoved(step) ? "removed" : "replaced",
        name,
        risk: { id: "tls-key-replaced", reason },
      },
    ];
  }
  const { before, after } = step;
  const effect = showsAnotherKey(step)
    ? "Issued again by the same authority for a different private key: clients that pinned the old key refuse it."
    : "Issued again by the same authority for the same private key: clients notice nothing.";
  const changes: Change[] = [
    {
      property: "names",
      before: formatNames(before.hostNames, after.hostNames),
      after: formatNames(after.hostNames, before.hostNames),
    },
    { property: "validity", before: formatDays(before.days), after: formatDays(after.days) },
    { property: "issued", before: textOf(before.issuedAt), after: textOf(after.issuedAt) },
  ]
    .filter((property) => property.before !== property.after)
    .map((property) => ({ subject: "key", kind: "changed", name, ...property, effect }));
  return [...reviewServerKeyStages(step, server), ...changes];
}

function formatDays(days: unknown): string | undefined {
  const text = textOf(days);
  return text === undefined ? undefined : `${text} days`;
}

/** Only the names that the other certificate lacks. */
function formatNames(names: unknown, others: unknown): string | undefined {
  const known = new Set(listOf(others));
  const own = listOf(names).filter((name) => !known.has(name));
  return own.length === 0 ? undefined : own.map(String).join(", ");
}
