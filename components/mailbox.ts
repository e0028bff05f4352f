import * as pulumi from "@pulumi/pulumi";

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
  /**
   * In place of the password its hash, with Dovecot's scheme; used as it is and kept as a secret.
   *
   * @example "{SHA512-CRYPT}$6$…"
   */
  readonly passwordHash?: pulumi.Input<string> | undefined;
}

const defaultQuotaBytes = 2 ** 30;

/** What people see of a mailbox in the tree and in a preview. */
type ShownMailbox = Readonly<Record<string, unknown>>;

/** What is declared of one mailbox. The {@link MailServer} of its domain carries it out, for all mailboxes at once. */
export class Mailbox {
  readonly address: string;
  readonly displayName: string | undefined;
  readonly quotaBytes: number;
  readonly aliases: readonly string[];
  /** Whether a password or its hash is declared; if neither, a password is generated. */
  readonly hasPassword: boolean;

  #password: pulumi.Input<string> | undefined;
  #passwordHash: pulumi.Input<string> | undefined;

  constructor(args: MailboxArgs) {
    this.address = args.address;
    this.displayName = args.displayName;
    this.quotaBytes = args.quotaBytes ?? defaultQuotaBytes;
    this.aliases = args.aliases ?? [];
    this.hasPassword = args.password !== undefined || args.passwordHash !== undefined;
    this.#password = args.password;
    this.#passwordHash = args.passwordHash;
  }

  /**
   * The declared password; `undefined` when its hash is declared, or when one is generated. As it was given: whoever
   * passes it on makes it a secret, all mailboxes' at once, since ten thousand Outputs cost a preview seconds.
   */
  get password(): pulumi.Input<string> | undefined {
    return this.#password;
  }

  /** The declared hash, as it was given; `undefined` when the provider hashes a password. */
  get passwordHash(): pulumi.Input<string> | undefined {
    return this.#passwordHash;
  }

  /** No password is in it: its hash's difference shows at the server's credentials. */
  get shown(): ShownMailbox {
    const { address, displayName, quotaBytes, aliases } = this;
    return { address, displayName, quotaBytes, aliases };
  }
}

/** More mailboxes of a stack stand in one table: each resource of its own costs every preview some milliseconds. */
export const mostMailboxResources = 100;

/**
 * Puts mailboxes into the tree: each a resource of its own, which a preview tells in a line, or all as one
 * resource's map, whose differences it tells by address.
 */
export function showMailboxes(
  name: string,
  mailboxes: readonly Mailbox[],
  inOneTable: boolean,
  parent: pulumi.Resource,
): void {
  if (inOneTable) new MailboxTable(`${name}-mailboxes`, mailboxes, { parent });
  else for (const mailbox of mailboxes) new MailboxEntry(mailbox.address, mailbox, { parent });
}

class MailboxEntry extends pulumi.ComponentResource {
  constructor(name: string, { address, shown }: Mailbox, opts: pulumi.ComponentResourceOptions) {
    super("maildomain:index:Mailbox", name, shown, opts);
    this.registerOutputs({ address });
  }
}

class MailboxTable extends pulumi.ComponentResource {
  constructor(name: string, mailboxes: readonly Mailbox[], opts: pulumi.ComponentResourceOptions) {
    // By address, so that one that goes moves no other; without what the key tells already.
    const entries = mailboxes.map(({ address, shown: { address: _, ...rest } }) => [address, rest]);
    super("maildomain:index:MailboxTable", name, { mailboxes: Object.fromEntries(entries) }, opts);
    this.registerOutputs();
  }
}
