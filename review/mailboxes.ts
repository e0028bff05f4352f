import { mapIn } from "../naming/large-map.ts";
import { DEFAULT_KEEP_REMOVED_MAIL_DAYS, DEFAULT_QUOTA_BYTES } from "../servers/mail-server/description.ts";
import type { Change, Risk } from "./change.ts";
import { formatDays } from "./kept-mail.ts";
import { declaredRules, reviewRights } from "./mailbox-rights.ts";
import {
  compare,
  isRemoved,
  listOf,
  type Properties,
  propertiesOf,
  type Step,
  stepsOf,
  textOf,
} from "./preview.ts";
import { formatBytes } from "./sizes.ts";

/** What no step says of a stack's mailboxes. */
interface Surroundings {
  /** For how long the mail of a removed mailbox is kept. @default the settings' own */
  readonly keptDays?: number | undefined;
  /** Whether a mail server has compiled users' rules. */
  readonly areRulesChecked: boolean;
}

/** Domains, mailboxes, their further addresses and their passwords. */
export function reviewMailboxes(steps: readonly Step[], surroundings: Surroundings): Change[] {
  const mailboxes = mailboxSteps(steps);
  return [
    ...stepsOf(steps, "maildomain:index:MailDomain").flatMap(reviewDomain),
    ...mailboxes.flatMap((step) => reviewMailbox(step, surroundings)),
    ...mailboxes.flatMap(reviewMailboxAliases),
    ...stepsOf(steps, "maildomain:index:MailDomain").flatMap(reviewDomainAliases),
    ...stepsOf(steps, "maildomain:index:Credentials").flatMap(reviewPasswords),
  ];
}

/**
 * One step per mailbox that changes, whether it is a resource of its own or an entry of its domain's table. One that
 * only moves from one to the other, as all do when there are many, does not change.
 */
function mailboxSteps(steps: readonly Step[]): Step[] {
  const before: Record<string, Properties> = {};
  const after: Record<string, Properties> = {};
  for (const step of stepsOf(steps, "maildomain:index:Mailbox")) {
    if (step.operation !== "create") before[step.name] = step.before;
    if (!isRemoved(step)) after[step.name] = step.after;
  }
  for (const table of stepsOf(steps, "maildomain:index:MailboxTable")) {
    for (const [target, { mailboxes }] of [
      [before, table.before],
      [after, table.after],
    ] as const) {
      for (const [address, entry] of Object.entries(mapIn(mailboxes))) {
        // A table leaves out what is usual; one of an earlier version has it.
        target[address] = { address, aliases: [], quotaBytes: DEFAULT_QUOTA_BYTES, ...propertiesOf(entry) };
      }
    }
  }
  return compare(before, after).map(({ key: name, before: old, after: next }) => ({
    operation: old === undefined ? "create" : next === undefined ? "delete" : "update",
    type: "maildomain:index:Mailbox",
    name,
    before: old ?? {},
    after: next ?? {},
    replaceReasons: [],
    retained: false,
  }));
}

function reviewDomain(step: Step): Change[] {
  const name = step.name;
  if (step.operation === "create") return [{ subject: "domain", kind: "added", name }];
  if (isRemoved(step)) {
    const reason = `The server refuses all mail to ${name}; senders get a bounce.`;
    return [{ subject: "domain", kind: "removed", name, risk: { id: "domain-removed", reason } }];
  }
  const [before, after] = [textOf(step.before.hostName), textOf(step.after.hostName)];
  if (before === after) return [];
  return [{ subject: "domain", kind: "changed", name, property: "mail server's name", before, after }];
}

function reviewMailbox(step: Step, { keptDays, areRulesChecked }: Surroundings): Change[] {
  const { name, before, after } = step;
  const risk = areRulesChecked || after.sieve === undefined ? {} : { risk: uncheckedRulesOf(name) };
  if (step.operation === "create") {
    const quota = formatBytes(after.quotaBytes);
    const effect = "Accepts mail as soon as the server knows it; mail kept from an earlier time is restored.";
    return [
      {
        subject: "mailbox",
        kind: "added",
        name,
        property: "quota",
        group: domainIn(name),
        after: quota,
        effect,
        ...risk,
      },
    ];
  }
  if (isRemoved(step)) {
    const days = keptDays ?? DEFAULT_KEEP_REMOVED_MAIL_DAYS;
    const refused = `New mail to ${name} is refused (550 5.1.1), and`;
    const isKept = days > 0;
    const reason = isKept
      ? `${refused} nobody can log in to read the old mail.`
      : `${refused} all that it holds is deleted for good.`;
    const effect = isKept
      ? `Its mail is set aside for ${formatDays(days)}; a mailbox declared again by then gets it back.`
      : "Its mail is deleted at once: `keepRemovedMail` is 0.";
    const group = domainIn(name);
    return [
      {
        subject: "mailbox",
        kind: "removed",
        name,
        group,
        effect,
        risk: { id: "mailbox-removed", reason },
        ...(!isKept && { undo: "not at all: its mail is deleted" }),
      },
    ];
  }
  return [
    ...reviewQuota(name, before.quotaBytes, after.quotaBytes),
    ...reviewDisplayName(step),
    ...reviewRights(step).map((change) =>
      change.property === declaredRules ? { ...change, ...risk } : change,
    ),
  ];
}

function uncheckedRulesOf(name: string): Risk {
  const reason =
    `The rules of ${name} were not compiled, since no mail server of the stack runs that could be asked. ` +
    "One that cannot compile them takes nothing of what `up` gives it.";
  return { id: "rules-not-checked", reason };
}

function reviewQuota(name: string, before: unknown, after: unknown): Change[] {
  if (before === after) return [];
  const lowered = Number(after) < Number(before);
  const reason = `If ${name} holds more than ${formatBytes(after)} already, its new mail is refused until some is removed.`;
  return [
    {
      subject: "mailbox",
      kind: "changed",
      name,
      property: "quota",
      before: formatBytes(before),
      after: formatBytes(after),
      effect: "Existing mail stays.",
      ...(lowered && { risk: { id: "quota-lowered", reason } }),
    },
  ];
}

function reviewDisplayName({ name, before, after }: Step): Change[] {
  const [former, next] = [textOf(before.displayName), textOf(after.displayName)];
  if (former === next) return [];
  return [
    { subject: "mailbox", kind: "changed", name, property: "display name", before: former, after: next },
  ];
}

function reviewMailboxAliases({ name, before, after }: Step): Change[] {
  const asMap = (value: unknown) => Object.fromEntries(listOf(value).map((alias) => [String(alias), [name]]));
  return reviewAliases(asMap(before.aliases), asMap(after.aliases));
}

function reviewDomainAliases({ before, after }: Step): Change[] {
  return reviewAliases(propertiesOf(before.aliases), propertiesOf(after.aliases));
}

function reviewAliases(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>) {
  return compare(before, after).flatMap(({ key: name, before: old, after: next }): Change[] => {
    const [former, targets] = [formatTargets(old), formatTargets(next)];
    if (former === targets) return [];
    const isCatchAll = name.startsWith("@");
    const change = {
      subject: "alias",
      group: domainIn(name),
      name: isCatchAll ? `catch-all of ${name.slice(1)}` : name,
      before: former,
      after: targets,
    } as const;
    if (former === undefined) return [{ ...change, kind: "added" }];
    if (targets !== undefined)
      return [{ ...change, kind: "changed", effect: "Applies to mail that arrives after `up`." }];
    const reason = isCatchAll
      ? `Mail to addresses of ${name.slice(1)} that are not declared is refused (550 5.1.1) from then on.`
      : `Mail to ${name} is refused (550 5.1.1).`;
    return [{ ...change, kind: "removed", risk: { id: "alias-removed", reason } }];
  });
}

function formatTargets(targets: unknown): string | undefined {
  return targets === undefined ? undefined : listOf(targets).map(String).join(", ");
}

/** Compares only when each password took effect: `changedAt`, and `generate` for generated ones. */
function reviewPasswords({ operation, before, after }: Step): Change[] {
  if (operation !== "update") return [];
  const former = { ...mapIn(before.changedAt), ...mapIn(before.generate) };
  const next = { ...mapIn(after.changedAt), ...mapIn(after.generate) };
  return compare(former, next)
    .filter(({ before: old, after: now }) => old !== undefined && now !== undefined && old !== now)
    .map(({ key: name }) => ({
      subject: "client setting",
      kind: "changed",
      name,
      property: "password",
      effect: "This person must enter the new password in every client; the old one is refused at once.",
    }));
}

/** Of an address as a preview has it, which nobody has checked. */
function domainIn(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
