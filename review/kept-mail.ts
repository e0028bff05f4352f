/** The mail of removed mailboxes, which a server deletes once it has been kept for as long as is declared. */
import { formatDay } from "../naming/moment.ts";
import { DEFAULT_KEEP_REMOVED_MAIL_DAYS } from "../servers/mail-server/description.ts";
import type { Change, Risk } from "./change.ts";
import { type Step, stepsOf, textOf } from "./preview.ts";
import { formatAmount } from "./sizes.ts";

/** What a mail server has set aside of one mailbox. */
export interface KeptMailbox {
  readonly address: string;
  readonly removed: Date;
  readonly bytes: number;
}

/** By the server's host name; none for a server that could not be asked. */
export type KeptMail = ReadonlyMap<string, readonly KeptMailbox[]>;

/** The host names of the servers that are to keep mail for a shorter time than they do now, as far as a state says. */
export function serversToAsk(steps: readonly Step[]): string[] {
  return stepsOf(steps, "maildomain:index:MailServer").flatMap(({ before, after }) =>
    mayDelete(before.keepRemovedMailDays, after.keepRemovedMailDays) ? (textOf(before.hostName) ?? []) : [],
  );
}

/** @param now - the time of the change */
export function reviewKeptMail(
  { before, after }: Step,
  name: string,
  keptMail: KeptMail | undefined,
  now: Date,
): Change[] {
  const [old, next] = [before.keepRemovedMailDays, after.keepRemovedMailDays];
  if (old === next || next === undefined) return [];
  const kept = keptMail?.get(textOf(before.hostName) ?? "");
  const risk = mayDelete(old, next) ? riskOf(kept, Number(next), now) : undefined;
  // The state of an earlier version does not say what is in force.
  if (old === undefined && (kept === undefined ? Number(next) >= DEFAULT_KEEP_REMOVED_MAIL_DAYS : !risk))
    return [];
  return [
    {
      subject: "setting",
      kind: "changed",
      name,
      property: "keeps the mail of removed mailboxes",
      before: formatDays(old),
      after: formatDays(next),
      effect:
        Number(next) === 0
          ? "From then on, a mailbox that is removed loses its mail at once."
          : `Also of mailboxes that are removed already: their mail is deleted ${formatDays(next)} after the removal.`,
      risk,
    },
  ];
}

/** For how long, after an `up`, the mail of a mailbox is kept that this `up` removes. */
export function formatDays(days: unknown): string | undefined {
  const text = textOf(days);
  return text === undefined ? undefined : `${text} ${text === "1" ? "day" : "days"}`;
}

function mayDelete(old: unknown, next: unknown): boolean {
  return typeof next === "number" && (typeof old !== "number" || next < old);
}

const dayMs = 86_400_000;
/** More are counted. */
const MOST_NAMED = 10;

function riskOf(kept: readonly KeptMailbox[] | undefined, days: number, now: Date): Risk | undefined {
  const id = "kept-mail-deleted";
  if (kept === undefined) {
    const which =
      days === 0 ? "All mail that was set aside" : `What was set aside ${days} days ago or earlier`;
    return {
      id,
      reason: `${which} is deleted at \`up\`, for good. The server could not be asked whose, and how much: \`npm run archive\` lists it.`,
    };
  }
  const ending = kept.filter(({ removed }) => removed.getTime() + days * dayMs <= now.getTime());
  if (ending.length === 0) return undefined;
  const named = ending
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_NAMED)
    .map(
      ({ address, bytes, removed }) => `${address} (${formatAmount(bytes)}, removed ${formatDay(removed)})`,
    );
  const rest = ending.length > MOST_NAMED ? ` and ${ending.length - MOST_NAMED} more` : "";
  const total = formatAmount(ending.reduce((sum, { bytes }) => sum + bytes, 0));
  return {
    id,
    reason: `Deleted at \`up\`, for good: ${total} of mail that was set aside, of ${named.join(", ")}${rest}. \`npm run archive -- export ADDRESS\` saves it.`,
  };
}
