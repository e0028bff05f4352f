import * as pulumi from "@pulumi/pulumi";
import {
  appPasswordKey,
  type Forward,
  type HostedMailbox,
  type LoginProtocol,
} from "../server/description.ts";

/** A password for one program, beside the user's own. */
export interface AppPasswordArgs {
  /** Its name, unique within the mailbox: lower-case letters, digits and hyphens. @example "phone" */
  readonly name: string;
  /** The last day on which it is good, in UTC. @default it has no end @example "2027-01-31" */
  readonly expires?: string | undefined;
  /** Kept as a secret. Without it one is generated. */
  readonly password?: pulumi.Input<string> | undefined;
}

export interface MailboxArgs {
  /** The whole address, lower case. @example "ana@example.org" */
  readonly address: string;
  /** The person's name, as clients show it. @example "Ana Lima" */
  readonly displayName?: string | undefined;
  /** How much mail it holds, in bytes. @default 1073741824 (1 GiB) */
  readonly quotaBytes?: number | undefined;
  /** Further addresses of the mailbox, by which it may also send. @default [] */
  readonly aliases?: readonly string[] | undefined;
  /** The password to log in with; kept as a secret. Without it one is generated. */
  readonly password?: pulumi.Input<string> | undefined;
  /** False suspends the user: no protocol lets them in, and their sessions are closed. @default true */
  readonly enabled?: boolean | undefined;
  /** What the user may log in to. @default imap, pop3, submission and sieve */
  readonly protocols?: readonly LoginProtocol[] | undefined;
  /** Whether it takes mail, also while its user is suspended. @default true */
  readonly receives?: boolean | undefined;
  /** Where its mail goes besides or instead. @example { to: ["ana@example.net"], keepCopy: true } */
  readonly forward?: Forward | undefined;
  /** Whether `ana+anything` is ana's, too. @default true */
  readonly subAddressing?: boolean | undefined;
  /** Further addresses that it may send as; `@example.org` is every one that is nobody's. @default [] */
  readonly sendAs?: readonly string[] | undefined;
  /** To how many recipients it may send within an hour. @default any number */
  readonly recipientsPerHour?: number | undefined;
  /** Rules that run before the user's own, as Sieve (RFC 5228). @example 'require "fileinto"; …' */
  readonly sieve?: string | undefined;
  /** At most eight. @default [] */
  readonly appPasswords?: readonly AppPasswordArgs[] | undefined;
}

/** A password that is made into a hash for the server. */
export interface DeclaredPassword {
  /** The mailbox's address, for an app password a slash and its name. */
  readonly key: string;
  /** A secret; `undefined` when one is generated. */
  readonly password: pulumi.Output<string> | undefined;
}

const defaultQuotaBytes = 2 ** 30;

/**
 * One mailbox, as people see it in the tree and in a preview: what is declared for whom, and what will change.
 * It has no children. The {@link MailServer} of its domain carries it out, for all mailboxes at once.
 *
 * ```ts
 * new Mailbox("ana", { address: "ana@example.org", displayName: "Ana Lima" });
 * ```
 */
export class Mailbox extends pulumi.ComponentResource {
  readonly address: string;
  readonly displayName: string | undefined;
  readonly aliases: readonly string[];
  /** What the mail server has to know of it. */
  readonly hosted: HostedMailbox;

  #passwords: readonly DeclaredPassword[];

  constructor(name: string, args: MailboxArgs, opts?: pulumi.ComponentResourceOptions) {
    const { address, displayName, aliases = [] } = args;
    const hosted = describe(args);
    // No password is an input here: its hash's difference shows at the server's credentials.
    super("maildomain:index:Mailbox", name, { displayName, aliases, ...suspension(args), ...hosted }, opts);
    this.address = address;
    this.displayName = displayName;
    this.aliases = aliases;
    this.hosted = hosted;
    this.#passwords = [
      { key: address, password: sealed(args.password) },
      ...(args.appPasswords ?? []).map((app) => ({
        key: appPasswordKey(address, app.name),
        password: sealed(app.password),
      })),
    ];
    this.registerOutputs({ address });
  }

  /** The user's own password and the app passwords, each a secret. */
  get passwords(): readonly DeclaredPassword[] {
    return this.#passwords;
  }
}

/** Said in so many words, and not by an empty list of protocols alone. */
function suspension({ enabled }: MailboxArgs): { enabled?: false } {
  return enabled === false ? { enabled } : {};
}

/** What is as it is by default is left out, so that a preview of ten thousand mailboxes stays short. */
function describe(args: MailboxArgs): HostedMailbox {
  const { address, quotaBytes = defaultQuotaBytes, protocols, forward, recipientsPerHour, sieve } = args;
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

function sealed(password: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined {
  return password === undefined ? undefined : pulumi.secret(password);
}
