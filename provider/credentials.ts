import { randomUUID } from "node:crypto";
import { generatePassword } from "./generated-password.ts";
import { InputReader, type Maybe, timestamp } from "./inputs.ts";
import { hashPasswords } from "./password-hash.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { encode, isMap, same, secret, unknown, type Value, type Values, type WireValues } from "./wire.ts";

/** Hashes the passwords of all mailboxes, and makes up those that nobody declares. */
export const credentials: ResourceImplementation = { check, diff, create, update };

const MAX_PASSWORD_BYTES = 256;

interface Inputs {
  readonly passwords: Maybe<ReadonlyMap<string, Maybe<string>>>;
  readonly generate: Maybe<readonly string[]>;
}

function check(olds: Values, news: Values, now: Date): Checked {
  const reader = new InputReader(news);
  const { passwords, generate } = readInputs(reader);
  reader.refuseOthers();
  if (generate !== undefined && generate !== unknown) {
    refuseTwice(reader, generate, passwords instanceof Map ? passwords : new Map());
  }
  if (reader.failures.length > 0 || !(passwords instanceof Map) || !Array.isArray(generate)) {
    return { filled: { changedAt: encode(unknown) }, failures: reader.failures };
  }
  const sorted = { passwords: sortedByKey(passwords), generate: [...generate].sort() };
  return {
    filled: {
      passwords: Object.fromEntries(sorted.passwords.map(([address, value]) => [address, secret(value)])),
      generate: sorted.generate,
      changedAt: encode(changeDates(olds, sorted, timestamp(now))),
    },
    failures: [],
  };
}

function readInputs(reader: InputReader): Inputs {
  return {
    passwords: reader.textMap("passwords", checkAddress, checkPassword),
    generate: reader.texts("generate", checkAddress),
  };
}

function checkAddress(address: string): string | undefined {
  // No colon: it separates the fields of Dovecot's passwd-file.
  if (!/^[^\s@:]+@[^\s@:]+$/.test(address)) return `"${address}" is no address; write local-part@domain`;
  if (address !== address.toLowerCase()) return `"${address}" must be lower case: ${address.toLowerCase()}`;
  return undefined;
}

function checkPassword(password: string): string | undefined {
  if (password === "") return "is empty; leave the address out and put it into generate instead";
  if (/\p{Cc}/u.test(password)) return "has a control character, which mail clients cannot send (RFC 4616)";
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return `is longer than ${MAX_PASSWORD_BYTES} bytes`;
  return undefined;
}

function refuseTwice(
  reader: InputReader,
  generate: readonly string[],
  passwords: ReadonlyMap<string, Maybe<string>>,
): void {
  generate.forEach((address, index) => {
    const path = `generate[${index}]`;
    if (generate.indexOf(address) !== index) reader.fail(path, `"${address}" is there twice`);
    if (passwords.has(address)) {
      reader.fail(path, `"${address}" has a password in passwords already; remove one of the two`);
    }
  });
}

/**
 * When each address got its present password. It is an input, so that a preview names the passwords that
 * change: their own difference is only `[secret] => [secret]`.
 */
function changeDates(
  olds: Values,
  news: { readonly passwords: [string, string | typeof unknown][]; readonly generate: readonly string[] },
  now: string,
): Values {
  const formerDates = mapOf(olds.changedAt);
  const formerPasswords = mapOf(olds.passwords);
  const date = (address: string, unchanged: boolean): Value =>
    (unchanged ? formerDates[address] : undefined) ?? now;
  const declared = news.passwords.map(([address, password]): [string, Value] => [
    address,
    password === unknown ? unknown : date(address, password === formerPasswords[address]),
  ]);
  const generated = news.generate.map((address): [string, Value] => [
    address,
    date(address, !Object.hasOwn(formerPasswords, address)),
  ]);
  return Object.fromEntries(sortedByKey(new Map([...declared, ...generated])));
}

function diff(olds: Values, news: Values): Difference {
  const changes = ["passwords", "generate", "changedAt"].some((name) => !same(olds[name], news[name]));
  return { changes, replaces: [] };
}

async function create(inputs: Values): Promise<Created> {
  return { id: randomUUID(), outputs: await update({}, inputs) };
}

/** Keeps the hash of every password that stays, and a generated password for as long as its address does. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  const formerHashes = mapOf(olds.hashes);
  const formerPasswords = { ...mapOf(olds.generated), ...mapOf(olds.passwords) };
  const generated = Object.fromEntries(
    listOf(inputs.generate).map((address) => [
      address,
      String(mapOf(olds.generated)[address] ?? generatePassword()),
    ]),
  );
  const kept = new Map<string, string>();
  const toHash = new Map<string, string>();
  for (const [address, password] of Object.entries({ ...mapOf(inputs.passwords), ...generated })) {
    const hash = formerHashes[address];
    if (typeof hash === "string" && password === formerPasswords[address]) kept.set(address, hash);
    else toHash.set(address, String(password));
  }
  const hashes = new Map([...kept, ...(await hashPasswords(toHash))]);
  return { hashes: secret(Object.fromEntries(sortedByKey(hashes))), generated: secret(generated) };
}

function mapOf(value: Value | undefined): Values {
  return isMap(value) ? value : {};
}

function listOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function sortedByKey<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
