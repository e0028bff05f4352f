/** Every risk that a change can have, by the id that `--fail-on` accepts. */
export const riskIds = [
  "domain-removed",
  "mailbox-removed",
  "alias-removed",
  "quota-lowered",
  "rules-not-checked",
  "kept-mail-deleted",
  "mail-not-kept",
  "lab-begins",
  "lab-ends",
  "mta-sts-stricter",
  "mta-sts-weaker",
  "dmarc-stricter",
  "dmarc-weaker",
  "spf-lookups",
  "mx-changed",
  "record-not-ours",
  "dkim-key-replaced",
  "dkim-key-removed",
  "dnssec-key-replaced",
  "dnssec-key-removed",
  "authority-replaced",
  "private-authority",
  "tls-key-replaced",
  "account-proves-names",
  "port-80-needed",
  "engine-changed",
  "container-replaced",
  "server-removed",
  "port-changed",
  "volume-replaced",
  "volume-detached",
  "volume-deleted",
] as const;
export type RiskId = (typeof riskIds)[number];

export interface Risk {
  readonly id: RiskId;
  /** One sentence: what may go wrong, and for whom. */
  readonly reason: string;
}

/** The parts of a mail domain, in the order in which a review lists them. */
export const subjects = [
  "domain",
  "mailbox",
  "alias",
  "setting",
  "record",
  "key",
  "engine",
  "server",
  "package",
  "volume",
  "client setting",
] as const;
export type Subject = (typeof subjects)[number];

export type ChangeKind = "added" | "removed" | "changed" | "replaced";

/** One change, in the terms of people who run mail. */
export interface Change {
  readonly subject: Subject;
  readonly kind: ChangeKind;
  /** An address, a record's name and type, a key's selector, a container … */
  readonly name: string;
  /** Which of its properties changes, where it is one of several. @example "quota" */
  readonly property?: string | undefined;
  /** In people's units; undefined where there was none. */
  readonly before?: string | undefined;
  /** In people's units; undefined where there will be none. */
  readonly after?: string | undefined;
  /** What it is a part of, where several come or go together: a zone, a mail domain. */
  readonly group?: string | undefined;
  /** What is added or removed with it, a line each. @example the records of a zone */
  readonly parts?: readonly string[] | undefined;
  /** Its effect on mail and people. */
  readonly effect?: string | undefined;
  readonly risk?: Risk | undefined;
  /** Who notices, where that differs from other changes of its kind. */
  readonly who?: string | undefined;
  /** How it is undone, where that differs from other changes of its kind. */
  readonly undo?: string | undefined;
  /** Whether only `up` can tell that it comes to it: what decides is still to be made. */
  readonly isUncertain?: boolean | undefined;
}
