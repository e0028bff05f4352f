import { dkimKey } from "../naming/resources.ts";
import { ServerRole } from "../naming/servers.ts";
import { formatTime } from "../stages/staged.ts";
import type { Change } from "./change.ts";
import { compare, type Properties, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";

/** A key's stage before and after; `undefined` where there is no such key, or nothing is known of it. */
export interface StageChange {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The stages of the DKIM keys by the name of their resource. */
export function dkimStages(steps: readonly Step[]): ReadonlyMap<string, StageChange> {
  const found = steps
    .filter(({ type }) => type === "maildomain:index:DomainStages")
    .flatMap(({ before, after }) => {
      const domain = textOf(after.domain) ?? textOf(before.domain) ?? "";
      return compareStages(before.dkim, after.dkim).map(
        ({ key, ...change }) => [dkimKey(domain, key), change] as const,
      );
    });
  return new Map(found);
}

/** Keys that move to their next stage; those added or removed are resources, or listed below. */
export function reviewDkimStages(steps: readonly Step[]): Change[] {
  return stepsOf(steps, "maildomain:index:DomainStages").flatMap(({ before, after }) => {
    const domain = textOf(after.domain) ?? "";
    const former = new Set(Object.keys(propertiesOf(before.dkim)));
    return changedStages(before.dkim, after.dkim)
      .filter(({ key, after: next }) => former.has(key) && next !== undefined)
      .map(({ key, ...stages }) => ({
        subject: "key",
        kind: "changed",
        name: `DKIM ${key} of ${domain}`,
        property: "stage",
        ...stages,
        effect: dkimEffect(stages.after, nextFromOf(propertiesOf(after.dkim)[key])),
      }));
  });
}

/** Whether a domain's zone is signed, where that changes. */
export function reviewDnssecStages(steps: readonly Step[]): Change[] {
  return stepsOf(steps, "maildomain:index:DomainStages").flatMap(({ before, after }): Change[] => {
    const [old, next] = [stageOf(before.dnssec), stageOf(after.dnssec)];
    if (old === undefined || next === undefined || old === next) return [];
    return [
      {
        subject: "key",
        kind: "changed",
        name: `DNSSEC of ${textOf(after.domain)}`,
        property: "stage",
        before: old,
        after: next,
        effect: dnssecEffect(next, nextFromOf(after.dnssec)),
      },
    ];
  });
}

function dnssecEffect(stage: string, nextFrom: string | undefined): string {
  if (stage === "unsigned") return "The zone is no longer signed, and DANE ends with the signatures.";
  if (stage === "signed") return "The zone is signed; the parent has to publish its DS record.";
  const until = nextFrom === undefined ? "" : ` until ${formatTime(nextFrom)}`;
  return `The parent is declared to have no DS record for it any longer. Its signatures have to stay${until}.`;
}

/** The effect of a DKIM key's stage. */
export function dkimEffect(stage: string | undefined, nextFrom?: string): string {
  if (stage === "published") return "Its record is published; it signs nothing yet.";
  if (stage !== "retired") return "Signs outgoing mail from `up` on, beside the other keys.";
  const until = nextFrom === undefined ? "" : ` until ${formatTime(nextFrom)}`;
  return `No longer signs. Its record has to stay${until}, for mail in transit.`;
}

/**
 * A server's keys, which are in one resource. A first state without stages had one key, which stays.
 *
 * @param server - whose they are; the main one is not named
 */
export function reviewServerKeyStages({ before, after }: Step, server: string): Change[] {
  if (before.keys === undefined) return [];
  const owner = server === ServerRole.mailServer ? "" : ` of ${server}`;
  return changedStages(before.keys, after.keys).map(({ key, ...stages }) => ({
    subject: "key",
    kind: stages.before === undefined ? "added" : stages.after === undefined ? "removed" : "changed",
    name: `server key ${key}${owner}`,
    property: "stage",
    ...stages,
    effect: serverKeyEffect(stages.after, nextFromOf(propertiesOf(after.keys)[key])),
  }));
}

function serverKeyEffect(stage: string | undefined, nextFrom: string | undefined): string {
  const from = nextFrom === undefined ? "" : ` It may be shown from ${formatTime(nextFrom)} on.`;
  const until = nextFrom === undefined ? "" : ` until ${formatTime(nextFrom)}`;
  switch (stage) {
    case "published":
      return `Published by its TLSA record; the server does not show it yet.${from}`;
    case "serving":
      return "The server shows it from `up` on. Other servers know it by its TLSA record; clients that pinned the old key refuse it.";
    case "retired":
      return `No longer shown. Its TLSA record has to stay${until}.`;
    default:
      return "Its TLSA record is removed; the server shows another key.";
  }
}

/** Whether the server shows another key than before. */
export function showsAnotherKey({ before, after }: Step): boolean {
  return before.keys !== undefined && servingKeyOf(before) !== servingKeyOf(after);
}

/** The name of the key that a server shows. */
export function servingKeyOf({ keys }: Properties): string | undefined {
  return Object.entries(propertiesOf(keys)).find(([, key]) => stageOf(key) === "serving")?.[0];
}

function changedStages(before: unknown, after: unknown) {
  return compareStages(before, after).filter((change) => change.before !== change.after);
}

function compareStages(before: unknown, after: unknown) {
  const stages = (keys: Properties) =>
    Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, stageOf(value)]));
  return compare(stages(propertiesOf(before)), stages(propertiesOf(after)));
}

function stageOf(staged: unknown): string | undefined {
  return textOf(propertiesOf(staged).stage);
}

function nextFromOf(staged: unknown): string | undefined {
  return textOf(propertiesOf(staged).nextFrom);
}
