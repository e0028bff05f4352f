import * as pulumi from "@pulumi/pulumi";
import { credentialsResource } from "../naming/resources.ts";
import { Credentials } from "../provider/resources.ts";
import type { DeclaredPassword, Mailbox } from "./mailbox.ts";

export interface LoginsArgs {
  /** Every mailbox that the server serves, of all its domains. */
  readonly mailboxes: readonly Mailbox[];
}

/**
 * Who may log in to a server. One resource holds all the passwords' hashes, so that thousands of mailboxes
 * cost a preview no more than a few.
 *
 * ```ts
 * const logins = new Logins("logins", { mailboxes: domain.mailboxes });
 * ```
 *
 * Creates the Credentials of all mailboxes.
 */
export class Logins extends pulumi.ComponentResource {
  /** Hashes as Dovecot reads them, by address. A secret. */
  readonly hashes: pulumi.Output<Record<string, string>>;
  /** The passwords in use, declared and generated, by address; unknown where a hash is declared. A secret. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  readonly #credentials: Credentials;

  constructor(name: string, args: LoginsArgs, opts?: pulumi.ComponentResourceOptions) {
    // The type stands in every state, under the name that the component had first.
    super("maildomain:index:Directory", name, {}, opts);
    const passwords = args.mailboxes.flatMap((mailbox) => mailbox.passwords);
    const declared = declaredOf(passwords, ({ password }) => password);
    const hashed = declaredOf(passwords, ({ hash }) => hash);
    const generate = passwords
      .filter(({ password, hash }) => password === undefined && hash === undefined)
      .map(({ key }) => key);
    const credentials = new Credentials(
      credentialsResource(name),
      { passwords: declared, hashed, generate },
      { parent: this },
    );
    this.hashes = credentials.hashes;
    this.passwords = pulumi
      .all([pulumi.secret(declared), credentials.generated])
      .apply(([known, generated]) => ({ ...known, ...generated }));
    this.#credentials = credentials;
    this.registerOutputs();
  }

  /** Its resource, for what has no argument here. */
  get nodes(): { readonly credentials: Credentials } {
    return { credentials: this.#credentials };
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
