/** Passwords, and their hashes as Dovecot verifies them: a scheme in braces and what it made of the password. */

/** The fewest characters of a password that is chosen. */
export const SHORTEST_PASSWORD = 12;

/** OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane. Dovecot verifies at every login. */
export const ARGON2ID = { memoryKib: 19_456, passes: 2, lanes: 1, saltBytes: 16, tagBytes: 32 } as const;

/** What base64 of the crypt(3) family is written with; a salt may be anything that does not end it. */
const crypt = "[./A-Za-z0-9]";
const salt = "[!-#%-9;-~]{1,64}";
const base64 = "[A-Za-z0-9+/]";
const argon2 = String.raw`v=\d+\$m=\d{1,7},t=\d{1,4},p=\d{1,3}\$${base64}{11,86}\$${base64}{22,86}`;

const sha512Crypt = String.raw`\$6\$(?:rounds=\d{1,9}\$)?${salt}\$${crypt}{86}`;
const sha256Crypt = String.raw`\$5\$(?:rounds=\d{1,9}\$)?${salt}\$${crypt}{43}`;
const bcrypt = String.raw`\$2[abxy]?\$\d\d\$${crypt}{53}`;
const yescrypt = String.raw`\$y\$${crypt}{1,16}\$${crypt}{0,86}\$${crypt}{43}`;

/**
 * The schemes that Dovecot 2.4 verifies without `auth_allow_weak_schemes`, and that do not give the password away
 * to whoever reads the file. Each has its whole form, so that a hash that was cut off is found before a login is.
 */
const forms: Readonly<Record<string, RegExp>> = {
  ARGON2ID: whole(String.raw`\$argon2id\$${argon2}`),
  ARGON2I: whole(String.raw`\$argon2i\$${argon2}`),
  "BLF-CRYPT": whole(bcrypt),
  "SHA512-CRYPT": whole(sha512Crypt),
  "SHA256-CRYPT": whole(sha256Crypt),
  // libc's crypt(3) distinguishes the kinds by what stands between the first two dollar signs.
  CRYPT: whole(`${sha512Crypt}|${sha256Crypt}|${bcrypt}|${yescrypt}`),
  PBKDF2: whole(String.raw`\$1\$${salt}\$\d{1,9}\$[0-9a-f]{40}`),
  // Base64 of the digest and of at least four bytes of salt behind it.
  SSHA512: whole(`${base64}{91,}={0,2}`),
  SSHA256: whole(`${base64}{48,}={0,2}`),
  "SCRAM-SHA-256": whole(String.raw`\d{1,9},${base64}{8,}={0,2},${base64}{43}=,${base64}{43}=`),
};

function whole(form: string): RegExp {
  return new RegExp(`^(?:${form})$`);
}

/**
 * What is wrong with a password's hash; `undefined` when Dovecot verifies it.
 *
 * @param hash such as `{SHA512-CRYPT}$6$…`; the scheme in upper case.
 */
export function passwordHashProblem(hash: string): string | undefined {
  const [, scheme, digest = ""] = /^\{([^{}]*)\}(.*)$/s.exec(hash) ?? [];
  if (scheme === undefined) return "has no scheme: write one before the hash, such as {SHA512-CRYPT}$6$…";
  const form = Object.hasOwn(forms, scheme) ? forms[scheme] : undefined;
  if (form === undefined) {
    return `{${scheme}} is not an accepted scheme, being too weak or unknown: use one of ${Object.keys(forms).join(", ")}`;
  }
  // The hash itself is not shown: who has it can try passwords on it.
  return form.test(digest)
    ? undefined
    : `is not a complete hash of the scheme ${scheme}: it may have been cut off`;
}
