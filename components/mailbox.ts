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
  readonly quotaBytes: number;
  readonly aliases: readonly string[];
  /** Whether a password or its hash is declared; if neither, a password is generated. */
  readonly hasPassword: boolean;

  #password: pulumi.Output<string> | undefined;
  #passwordHash: pulumi.Output<string> | undefined;

  constructor(name: string, args: MailboxArgs, opts?: pulumi.ComponentResourceOptions) {
    const { address, displayName, quotaBytes = defaultQuotaBytes, aliases = [] } = args;
    // The password is no input here: its hash's difference shows at the server's credentials.
    super("maildomain:index:Mailbox", name, { address, displayName, quotaBytes, aliases }, opts);
    this.address = address;
    this.displayName = displayName;
    this.quotaBytes = quotaBytes;
    this.aliases = aliases;
    this.hasPassword = args.password !== undefined || args.passwordHash !== undefined;
    this.#password = args.password === undefined ? undefined : pulumi.secret(args.password);
    this.#passwordHash = args.passwordHash === undefined ? undefined : pulumi.secret(args.passwordHash);
    this.registerOutputs({ address });
  }

  /** The declared password, a secret; `undefined` when its hash is declared, or when one is generated. */
  get password(): pulumi.Output<string> | undefined {
    return this.#password;
  }

  /** The declared hash, a secret; `undefined` when the provider hashes a password. */
  get passwordHash(): pulumi.Output<string> | undefined {
    return this.#passwordHash;
  }
}
