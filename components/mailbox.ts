import * as pulumi from "@pulumi/pulumi";
import { mostEntries, textOfEntries, textOfMap } from "../naming/large-map.ts";
import { mailboxTable } from "../naming/resources.ts";
import { unseenIn } from "../naming/unseen.mjs";
import {
  appPasswordKey,
  DEFAULT_QUOTA_BYTES,
  type Forward,
  type HostedMailbox,
  type LoginProtocol,
} from "../servers/mail-server/description.ts";
import { checkedText, type TextOf } from "./known-later.ts";

/** A password for one program, beside the user's own. */
export interface AppPasswordArgs {
  /** Its name, unique within the mailbox: lower-case letters, digits and hyphens. @example "phone" */
  readonly name: string;
  /** The last day on which it is good, in UTC. @default it has no end @example "2027-01-31" */
  readonly expires?: string | undefined;
  /** Kept as a secret. @default one is generated @example config.requireSecret("anaPhone") */
  readonly password?: pulumi.Input<string> | undefined;
}

export interface MailboxArgs {
  /** The whole address, lower case. @example "ana@example.org" */
  readonly address: string;
  /** The person's name, as clients show it. @default the local part of the address @example "Ana Lima" */
  readonly displayName?: pulumi.Input<string> | undefined;
  /** How much mail it holds, in bytes; 1 GiB by default. @default 1073741824 */
  readonly quotaBytes?: number | undefined;
  /** Further addresses of the mailbox, by which it may also send. @default [] @example ["a.lima@example.org"] */
  readonly aliases?: readonly string[] | undefined;
  /** The password to log in with; kept as a secret. @default one is generated @example config.requireSecret("ana") */
  readonly password?: pulumi.Input<string> | undefined;
  /**
   * In place of the password its hash, with Dovecot's scheme; used unchanged and kept as a secret.
   *
   * @default that of the password
   * @example "{SHA512-CRYPT}$6$…"
   */
  readonly passwordHash?: pulumi.Input<string> | undefined;
  /** False suspends the user: no protocol lets them in, and their sessions are closed. @default true */
  readonly enabled?: boolean | undefined;
  /** What the user may log in to. @default imap, pop3, submission and sieve @example ["imap", "submission"] */
  readonly protocols?: readonly LoginProtocol[] | undefined;
  /** Whether it accepts mail, also while its user is suspended. @default true */
  readonly receives?: boolean | undefined;
  /**
   * Where its mail is sent as well or instead.
   *
   * @default nowhere
   * @example { to: ["ana@example.net"], keepCopy: true }
   */
  readonly forward?: Forward | undefined;
  /** Whether `ana+anything` is ana's, too. @default true */
  readonly subAddressing?: boolean | undefined;
  /**
   * Further addresses that it may send as; `@example.org` is every address without an owner.
   *
   * @default []
   * @example ["sales@example.org"]
   */
  readonly sendAs?: readonly string[] | undefined;
  /** The number of recipients it may send to per hour. @default unlimited @example 100 */
  readonly recipientsPerHour?: number | undefined;
  /** Rules that run before the user's own, as Sieve (RFC 5228). @default none @example 'require "fileinto"; …' */
  readonly sieve?: string | undefined;
  /** At most eight. @default [] @example [{ name: "phone" }] */
  readonly appPasswords?: readonly AppPasswordArgs[] | undefined;
}

/** A password that is made into a hash for the server. */
export interface DeclaredPassword {
  /** The mailbox's address, for an app password a slash and its name. */
  readonly key: string;
  /** As it was given; `undefined` when its hash is declared, or when one is generated. */
  readonly password: pulumi.Input<string> | undefined;
  /** The declared hash, as it was given. */
  readonly hash: pulumi.Input<string> | undefined;
}

/** What people see of a mailbox in the tree and in a preview. */
interface ShownMailbox extends HostedMailbox {
  readonly displayName: string | pulumi.Output<string> | undefined;
  readonly aliases: readonly string[];
  /** Where it is suspended. */
  readonly enabled?: false;
}

/** What is declared of one mailbox. The {@link MailServer} of its domain carries it out, for all mailboxes at once. */
export class Mailbox {
  readonly address: string;
  readonly displayName: string | pulumi.Output<string> | undefined;
  readonly aliases: readonly string[];
  /** What the mail server has to know of it. */
  readonly hosted: HostedMailbox;

  #args: MailboxArgs;

  constructor(args: MailboxArgs) {
    this.address = args.address;
    const { address, displayName } = args;
    this.displayName = displayName && checkedText(displayName, (name) => shownName(address, name));
    this.aliases = args.aliases ?? [];
    this.hosted = describe(args);
    this.#args = args;
  }

  /**
   * The user's own password and the app passwords, as they were given: whoever passes them on makes them secrets, all
   * mailboxes' at once, since ten thousand Outputs cost a preview seconds.
   */
  get passwords(): readonly DeclaredPassword[] {
    const { address, password, passwordHash, appPasswords = [] } = this.#args;
    const apps = appPasswords.map((app) => ({
      key: appPasswordKey(address, app.name),
      password: app.password,
      hash: undefined,
    }));
    return [{ key: address, password, hash: passwordHash }, ...apps];
  }

  /** No password is in it: its hash's difference shows at the server's credentials. */
  get shown(): ShownMailbox {
    const { displayName, aliases, hosted } = this;
    return { displayName, aliases, ...suspension(this.#args), ...hosted };
  }
}

/** What people are called, by the address of their mailbox; nobody without a name is in it. */
export function namesOf(mailboxes: readonly Mailbox[], textOf: TextOf): Record<string, string> {
  return Object.fromEntries(
    mailboxes.flatMap(({ address, displayName }) =>
      displayName === undefined ? [] : [[address, textOf(displayName, "")]],
    ),
  );
}

/** @throws RangeError where the name has what nobody sees. */
export function shownName(address: string, name: string): string {
  const unseen = unseenIn(name);
  if (unseen === undefined) return name;
  throw new RangeError(`the display name of ${address} has ${unseen}: remove it`);
}

/**
 * Puts mailboxes into the tree: each a resource of its own, which a preview shows in a line, or all as one
 * resource's map, whose differences it shows by address.
 */
export function showMailboxes(
  name: string,
  mailboxes: readonly Mailbox[],
  inOneTable: boolean,
  parent: pulumi.Resource,
): pulumi.ComponentResource[] {
  if (inOneTable) return [new MailboxTable(mailboxTable(name), mailboxes, { parent })];
  return mailboxes.map((mailbox) => new MailboxEntry(mailbox.address, mailbox, { parent }));
}

class MailboxEntry extends pulumi.ComponentResource {
  constructor(name: string, { address, shown }: Mailbox, opts: pulumi.ComponentResourceOptions) {
    super("maildomain:index:Mailbox", name, shown, opts);
    this.registerOutputs({ address });
  }
}

class MailboxTable extends pulumi.ComponentResource {
  constructor(name: string, mailboxes: readonly Mailbox[], opts: pulumi.ComponentResourceOptions) {
    // By address, so that removing one moves no other.
    const entries = mailboxes.map(({ address, shown }) => [address, tableEntry(shown)] as const);
    const inputs = { mailboxes: written(entries) };
    super("maildomain:index:MailboxTable", name, inputs, opts);
    this.registerOutputs();
  }
}

/** Without what its key says already, and what is usual: of most mailboxes there is nothing else to say. */
function tableEntry({ address: _, aliases, quotaBytes, ...rest }: ShownMailbox): TableEntry {
  return {
    ...(aliases.length > 0 && { aliases }),
    ...(quotaBytes !== DEFAULT_QUOTA_BYTES && { quotaBytes }),
    ...rest,
  };
}

type TableEntry = Partial<ShownMailbox>;

function written(entries: readonly (readonly [string, TableEntry])[]): pulumi.Input<unknown> {
  if (entries.length <= mostEntries) return Object.fromEntries(entries);
  const isPlain = entries.every(([, { displayName }]) => !pulumi.Output.isInstance(displayName));
  return isPlain ? textOfEntries(entries) : pulumi.output(Object.fromEntries(entries)).apply(textOfMap);
}

/** Said in so many words, and not by an empty list of protocols alone. */
function suspension({ enabled }: MailboxArgs): { enabled?: false } {
  return enabled === false ? { enabled } : {};
}

/** Values equal to the default are left out, so that a preview of ten thousand mailboxes stays short. */
function describe(args: MailboxArgs): HostedMailbox {
  const { address, quotaBytes = DEFAULT_QUOTA_BYTES, protocols, forward, recipientsPerHour, sieve } = args;
  const apps = (args.appPasswords ?? []).map(({ name, expires }) => ({ name, expires }));
  return {
    address,
    quotaBytes,
    protocols: args.enabled === false ? [] : protocols,
    receives: args.receives === false ? false : undefined,
    forward,
    subAddressing: args.subAddressing === false ? false : undefined,
    sendAs: args.sendAs?.length === 0 ? undefined : args.sendAs,
    recipientsPerHour,
    sieve,
    appPasswords: apps.length === 0 ? undefined : apps,
  };
}
