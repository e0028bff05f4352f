import type { Settings } from "./lab.ts";

/** The course exercise's eight users, each with its one password. */
export const users = [
  "robsonvaamonde",
  "leandroramos",
  "josedeassis",
  "jeffersoncosta",
  "rogeriosampaio",
  "sirlenesanches",
  "denisnovais",
  "vaamonde",
] as const;

export const password = "123456";
export const domain = "vaamonde.pti";

/** A mailbox as a stack file declares it. */
export interface MailboxEntry {
  readonly name: string;
  readonly password?: string;
  readonly displayName?: string;
  readonly quota?: string;
}

export const documentMailboxes: readonly MailboxEntry[] = users.map((name) =>
  name === "vaamonde" ? { name, password, displayName: "Admin SOA" } : { name, password },
);

/** The course exercise's stack, with other mailboxes if need be. */
export function documentSettings(mailboxes: readonly MailboxEntry[] = documentMailboxes): Settings {
  return { lab: true, domains: [{ name: domain, mailboxes }] };
}
