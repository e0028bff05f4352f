import * as crypto from "node:crypto";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { ARGON2ID } from "../keys/password-scheme.ts";

// libuv has four threads; each hash takes one and 19 MiB, and more at once than processors gain nothing.
const AT_ONCE = Math.min(4, availableParallelism());

/**
 * Hashes a password with Argon2id (RFC 9106) in the form that Dovecot's ARGON2ID scheme verifies.
 *
 * The password is hashed in Unicode's form NFC (RFC 8265 section 4.2.2), which keyboards make: a stack file
 * written on another system may hold the same letters decomposed.
 *
 * @throws on a Node without Argon2 (before 24.7)
 */
export async function hashPassword(
  password: string,
  salt: Uint8Array = crypto.randomBytes(ARGON2ID.saltBytes),
): Promise<string> {
  // Not imported by name: an older Node would refuse to load the whole provider, with an error about syntax.
  if (typeof crypto.argon2 !== "function") {
    throw new Error(
      `hashing passwords needs Node 24.7 or newer, and the provider runs on ${process.version}: ` +
        'run "npm ci" in the project, which brings one, or put a newer one first in the PATH',
    );
  }
  const tag = await promisify(crypto.argon2)("argon2id", {
    message: password.normalize("NFC"),
    nonce: salt,
    parallelism: ARGON2ID.lanes,
    tagLength: ARGON2ID.tagBytes,
    memory: ARGON2ID.memoryKib,
    passes: ARGON2ID.passes,
  });
  const parameters = `m=${ARGON2ID.memoryKib},t=${ARGON2ID.passes},p=${ARGON2ID.lanes}`;
  return `{ARGON2ID}$argon2id$v=19$${parameters}$${base64(salt)}$${base64(tag)}`;
}

/** Hashes many passwords, as many at once as the machine has use for. */
export async function hashPasswords(passwords: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const queue = passwords.entries();
  const work = async () => {
    for (const [address, password] of queue) hashes.set(address, await hashPassword(password));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return hashes;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
