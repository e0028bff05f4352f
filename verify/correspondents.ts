import type { RunningStack, StackDomain } from "../outputs/running-stack.ts";
import type { Correspondent } from "./journey.ts";
import type { Service } from "./services.ts";
import type { UserChoices } from "./user-choices.ts";

type Mailbox = StackDomain["mailboxes"][number];

/** A user whose password is known and in force, and what its mailbox may do. */
export interface Known extends Correspondent {
  readonly mailbox: Mailbox;
}

/** Who is there for the checks of a domain. */
export interface Correspondents {
  /** Those whose password is known and in force. */
  readonly users: readonly Known[];
  /** Who submits the test message. */
  readonly from: Known | undefined;
  /** Whose inbox takes it, and keeps it until it is removed; another than the sender, if there is one. */
  readonly to: Known | undefined;
  /** Whose inbox a forgery that gets through would reach: the sender's own, if it may, so that it bothers nobody else. */
  readonly witness: Known | undefined;
  /** Whether a password is known of anybody. */
  readonly isAnyKnown: boolean;
}

export function correspondentsOf(
  { passwords }: Pick<RunningStack, "passwords">,
  { mailboxes }: Pick<StackDomain, "mailboxes">,
  choices: UserChoices,
): Correspondents {
  const known = mailboxes.flatMap((mailbox) => {
    const password = passwords[mailbox.address];
    return password === undefined ? [] : [{ address: mailbox.address, password, mailbox }];
  });
  const users = known.filter(({ address }) => !choices.passwords.has(address));
  const from = users.find(({ mailbox }) => mayUse(mailbox, "submission"));
  const receivers = users.filter(
    ({ address, mailbox }) =>
      mayUse(mailbox, "imap") &&
      mailbox.receives !== false &&
      mailbox.movesMail !== true &&
      !choices.rules.has(address),
  );
  const to = receivers.find(({ address }) => address !== from?.address) ?? receivers[0];
  const witness = receivers.find(({ address }) => address === from?.address) ?? to;
  return { users, from, to, witness, isAnyKnown: known.length > 0 };
}

/** Whether its user may log in to a service. */
export function mayLogIn({ mailbox }: Known, { protocol, name }: Service): boolean {
  const needed = { smtp: "submission", imap: "imap", pop3: "pop3", managesieve: "sieve" } as const;
  return name === "smtp" ? false : mayUse(mailbox, needed[protocol]);
}

function mayUse({ protocols }: Mailbox, protocol: string): boolean {
  return protocols?.includes(protocol) ?? true;
}
