import * as pulumi from "@pulumi/pulumi";
import { Credentials } from "../provider/resources.ts";
import type { DeclaredPassword, Mailbox } from "./mailbox.ts";

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
    const passwords = args.mailboxes.flatMap((mailbox) => mailbox.passwords);
    const declared = declaredOf(passwords, ({ password }) => password);
    const hashed = declaredOf(passwords, ({ hash }) => hash);
    const generate = passwords
      .filter(({ password, hash }) => password === undefined && hash === undefined)
      .map(({ key }) => key);
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

/** What is declared of one kind, by address, or address and app password. */
function declaredOf(
  passwords: readonly DeclaredPassword[],
  value: (password: DeclaredPassword) => pulumi.Input<string> | undefined,
): Record<string, pulumi.Input<string>> {
  const entries = passwords.flatMap((password) => {
    const declared = value(password);
    return declared === undefined ? [] : [[password.key, declared]];
  });
  return Object.fromEntries(entries);
}
