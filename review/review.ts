import { ServerRole } from "../naming/servers.ts";
import { type Asked, saidBeside } from "./asked.ts";
import { type Change, type Risk, type RiskId, riskIds, subjects } from "./change.ts";
import { type Consequence, consequenceOf } from "./consequence.ts";
import { reviewEngine } from "./engine.ts";
import { ForeignRecords, type Question } from "./foreign-records.ts";
import { reviewKeys } from "./keys.ts";
import { reviewMailboxes } from "./mailboxes.ts";
import { reviewMtaSts } from "./mta-sts.ts";
import { type Operation, readPreview, type Step, UNKNOWN } from "./preview.ts";
import { reviewRecords } from "./records.ts";
import { reviewServers } from "./server.ts";
import { reviewSettings } from "./settings.ts";
import { reviewWebmailNames } from "./web.ts";

/** A risk, with the change that brings it. */
export interface NamedRisk extends Risk {
  readonly name: string;
}

/** One line of Pulumi's own summary: no values. */
export interface PlainStep {
  readonly operation: Operation;
  readonly type: string;
  readonly name: string;
  /** The properties that force a replacement. */
  readonly because: readonly string[];
}

/** A change by which a program can refer to it: the same change has the same id in each review. */
export interface NamedChange extends Omit<Change, "undo" | "who">, Consequence {
  /** @example "mailbox/changed/ana@example.org/quota" */
  readonly id: string;
}

export interface Review {
  /** In the order of {@link subjects}. */
  readonly changes: readonly Change[];
  readonly risks: readonly NamedRisk[];
  readonly steps: readonly PlainStep[];
  /** What the preview does not show, in whole sentences. */
  readonly unknown: readonly string[];
}

/**
 * Says what a preview means for mail.
 *
 * @param preview - the output of `pulumi preview --json`
 * @throws PreviewError when it is none, or the preview failed
 */
export function reviewPreview(preview: string, asked: Asked = {}): Review {
  return reviewSteps(readPreview(preview), { ...saidBeside(preview), ...asked });
}

/** @param asked - what others know */
export function reviewSteps(steps: readonly Step[], asked: Asked = {}): Review {
  const { answers, isEngineAsked = true, areRulesChecked = true, keepRemovedMailDays, keptMail } = asked;
  const foreign = new ForeignRecords(steps, answers);
  const found = [
    ...reviewMailboxes(steps, { keptDays: keepRemovedMailDays, areRulesChecked }),
    ...reviewMtaSts(steps),
    ...reviewSettings(steps, keptMail, new Date()),
    ...reviewRecords(steps, foreign),
    ...reviewKeys(steps),
    ...reviewEngine(steps, isEngineAsked),
    ...reviewServers(steps),
    ...reviewWebmailNames(steps),
  ];
  const changes = subjects.flatMap((subject) => found.filter((change) => change.subject === subject));
  return {
    changes,
    risks: changes.flatMap(({ name, risk }) => (risk === undefined ? [] : [{ name, ...risk }])),
    steps: steps.filter(isReal).map(({ operation, type, name, replaceReasons }) => ({
      operation,
      type,
      name,
      because: replaceReasons,
    })),
    unknown: whatIsUnknown(steps, changes, foreign, isEngineAsked),
  };
}

/** Of several that would have one id, as several TXT records of a name, the later ones are numbered. */
export function withIds(changes: readonly Change[]): NamedChange[] {
  const counts = new Map<string, number>();
  return changes.map((change) => {
    const { subject, kind, name, property } = change;
    const id = [subject, kind, name, property].filter((part) => part !== undefined).join("/");
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return { id: count === 1 ? id : `${id}#${count}`, ...change, ...consequenceOf(change) };
  });
}

/** What to ask the DNS before a preview is reviewed, from where the world asks it. */
export function questionsOf(steps: readonly Step[]): Question[] {
  return new ForeignRecords(steps).questions;
}

function isReal({ operation, type }: Step): boolean {
  return operation !== "same" && type !== "pulumi:pulumi:Stack";
}

function whatIsUnknown(
  steps: readonly Step[],
  changes: readonly Change[],
  foreign: ForeignRecords,
  isEngineAsked: boolean,
): string[] {
  const reloads = changes.some(
    ({ property, name }) => property === "configuration" && name === ServerRole.mailServer,
  );
  return [
    ...(reloads
      ? [
          "The files of the mail server's configuration are secret as a whole: a change that no other section shows appears as a reload only.",
        ]
      : []),
    ...(changes.some(({ isUncertain }) => isUncertain)
      ? ["Whether a new image differs from the present one: `up` builds it."]
      : []),
    ...(steps.some(hasKeyToCome)
      ? ["Keys that `up` makes do not exist yet, and so neither does the text of their records."]
      : []),
    ...(changes.some(({ before, after }) => `${before}${after}`.includes("include:"))
      ? [
          "Look-ups inside included SPF policies are not counted: that needs the DNS, which `npm run verify` queries.",
        ]
      : []),
    ...(isEngineAsked
      ? []
      : [
          "Whether the engine is the one that the stack runs on: it could not be asked, and only its address was compared.",
        ]),
    ...(foreign.areUnknown
      ? [
          "Whether somebody else's records exist where new ones will be: the DNS did not answer every question.",
        ]
      : []),
  ];
}

/** Of a container, what names it, and what it serves, only an id is still to come. */
const ofContainers = /^docker:|:ServedGeneration$/;

function hasKeyToCome({ type, after }: Step): boolean {
  return !ofContainers.test(type) && JSON.stringify(after).includes(UNKNOWN);
}

/**
 * The risks of a list such as `volume-deleted,port-changed`.
 *
 * @throws RangeError naming the unknown risk and listing the known ones
 */
export function parseRiskIds(list: string): RiskId[] {
  return list
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map((word) => {
      const id = riskIds.find((known) => known === word);
      if (id === undefined)
        throw new RangeError(`"${word}" is not a risk: use some of ${riskIds.join(", ")}.`);
      return id;
    });
}
