import * as pulumi from "@pulumi/pulumi";
import { Credentials } from "../provider/resources.ts";
import type { Mailbox } from "./mailbox.ts";

export interface DirectoryArgs {
  /** Every mailbox that the server serves, of all its domains. */
  readonly mailboxes: readonly Mailbox[];
}

/**
 * Who may log in to a server. One resource holds all the passwords' hashes, so that thousands of mailboxes
 * cost a preview no more than a few.
 *
 * ```ts
 * const directory = new Directory("directory", { mailboxes: domain.mailboxes });
 * ```
 *
 * Creates the Credentials of all mailboxes.
 */
export class Directory extends pulumi.ComponentResource {
  /** Hashes as Dovecot reads them, by address. A secret. */
  readonly hashes: pulumi.Output<Record<string, string>>;
  /** The passwords in use, declared and generated, by address; unknown where a hash is declared. A secret. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: DirectoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:Directory", name, {}, opts);
    const declared = declaredOf(args.mailboxes, ({ password }) => password);
    const hashed = declaredOf(args.mailboxes, ({ passwordHash }) => passwordHash);
    const generate = args.mailboxes.filter(({ hasPassword }) => !hasPassword).map(({ address }) => address);
    const credentials = new Credentials(
      `${name}-credentials`,
      { passwords: declared, hashed, generate },
      { parent: this },
    );
    this.hashes = credentials.hashes;
    this.passwords = pulumi
      .all([pulumi.secret(declared), credentials.generated])
      .apply(([known, generated]) => ({ ...known, ...generated }));
    this.registerOutputs();
  }
}

/** What mailboxes declare of one kind, by address. */
function declaredOf(
  mailboxes: readonly Mailbox[],
  value: (mailbox: Mailbox) => pulumi.Input<string> | undefined,
): Record<string, pulumi.Input<string>> {
  const entries = mailboxes.flatMap((mailbox) => {
    const declared = value(mailbox);
    return declared === undefined ? [] : [[mailbox.address, declared]];
  });
  return Object.fromEntries(entries);
}
