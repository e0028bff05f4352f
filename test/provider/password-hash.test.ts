import { availableParallelism } from "node:os";
import { beforeEach, expect, test, vi } from "vitest";
import { hashPassword, hashPasswords } from "../../provider/password-hash.ts";

const real = (await vi.importActual<typeof import("node:crypto")>("node:crypto")).argon2;
/** The Argon2 of the Node that the provider believes to run on. */
const node = vi.hoisted(() => ({ argon2: undefined as typeof real | undefined }));
vi.mock("node:crypto", async (original) => ({
  ...(await original<object>()),
  get argon2() {
    return node.argon2;
  },
}));
beforeEach(() => {
  node.argon2 = real;
});

test("is what the reference implementation makes of the same password and salt", async () => {
  const salt = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
  // Made by argon2-cffi 25.1, and accepted by libsodium's crypto_pwhash_str_verify, which Dovecot calls.
  expect(await hashPassword("correct horse", salt)).toBe(
    "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$0AuQxA+RjPiJeA19Op7DwrFxnfh9xeTU2T6mFj2wThc",
  );
});

test("has a salt of its own each time", async () => {
  const [a, b] = await Promise.all([hashPassword("123456"), hashPassword("123456")]);
  expect(a).not.toBe(b);
  expect(a).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
});

test("does not care how the letters of a password are composed", async () => {
  const salt = Buffer.alloc(16);
  expect(await hashPassword("A\u030angstro\u0308m", salt)).toBe(await hashPassword("Ångström", salt));
});

test("hashes many, as many at once as there are processors but no more than four", async () => {
  let running = 0;
  let most = 0;
  node.argon2 = (algorithm, parameters, done) => {
    most = Math.max(most, ++running);
    real(algorithm, parameters, (error, tag) => {
      running--;
      done(error, tag);
    });
  };
  const passwords = new Map(Array.from({ length: 12 }, (_, n) => [`user${n}@vaamonde.pti`, `password${n}`]));
  const hashes = await hashPasswords(passwords);
  expect([...hashes.keys()].sort()).toEqual([...passwords.keys()].sort());
  expect(new Set(hashes.values()).size).toBe(12);
  expect(most).toBe(Math.min(4, availableParallelism()));
});

test("says which Node it needs where there is no Argon2", async () => {
  node.argon2 = undefined;
  await expect(hashPassword("123456")).rejects.toThrow(
    `hashing passwords needs Node 24.7 or newer, and the provider runs on ${process.version}: ` +
      'run "npm ci" in the project, which brings one, or put a newer one first in the PATH',
  );
});
