import { randomUUID } from "node:crypto";
import { generatePassword } from "./generated-password.ts";
import { InputReader, type Maybe, timestamp } from "./inputs.ts";
import { hashPasswords } from "./password-hash.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { encode, isMap, same, secret, unknown, type Value, type Values, type WireValues } from "./wire.ts";

/** Hashes the passwords of all mailboxes, and makes up those that nobody declares. */
export const credentials: ResourceImplementation = { check, diff, create, update, foresee };

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
  if (reader.failures.length > 0) return { filled: {}, failures: reader.failures };
  return {
    filled: {
      ...(passwords instanceof Map ? fillPasswords(olds, passwords, timestamp(now)) : {}),
      ...(Array.isArray(generate) ? { generate: fillGenerate(olds, generate, timestamp(now)) } : {}),
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
 * Seals each password, and adds when it got its present value: a preview shows no difference between two
 * secrets, and so would not say whose password changes.
 */
function fillPasswords(
  olds: Values,
  passwords: ReadonlyMap<string, string | typeof unknown>,
  now: string,
): WireValues {
  const former = mapOf(olds.passwords);
  const date = (address: string, password: string | typeof unknown): Value => {
    if (password === unknown) return unknown;
    return (password === former[address] ? mapOf(olds.changedAt)[address] : undefined) ?? now;
  };
  const sorted = sortedByKey(passwords);
  return {
    passwords: Object.fromEntries(sorted.map(([address, password]) => [address, secret(password)])),
    changedAt: Object.fromEntries(
      sorted.map(([address, password]) => [address, encode(date(address, password))]),
    ),
  };
}

/**
 * Makes the list a map from address to the time since when its password is a generated one. In a list, an
 * address removed from the top would move all others, and a preview would show each as a difference.
 */
function fillGenerate(olds: Values, generate: readonly string[], now: string): WireValues {
  const former = mapOf(olds.generate);
  return Object.fromEntries(generate.toSorted().map((address) => [address, encode(former[address] ?? now)]));
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
  const { hashes, generated } = keep(olds, inputs);
  for (const [address, password] of generated) {
    if (password === unknown) generated.set(address, generatePassword());
  }
  const passwords = new Map([...Object.entries(mapOf(inputs.passwords)), ...generated]);
  const toHash = new Map(
    [...hashes]
      .filter(([, hash]) => hash === unknown)
      .map(([address]) => [address, String(passwords.get(address))]),
  );
  return seal({ hashes: new Map([...hashes, ...(await hashPasswords(toHash))]), generated });
}

function foresee(olds: Values, inputs: Values): WireValues {
  return [inputs.passwords, inputs.generate].includes(unknown)
    ? { hashes: secret(unknown), generated: secret(unknown) }
    : seal(keep(olds, inputs));
}

interface Outputs {
  readonly hashes: Map<string, Value>;
  readonly generated: Map<string, Value>;
}

/** The outputs, with all that has to be made still unknown. */
function keep(olds: Values, inputs: Values): Outputs {
  const formerGenerated = mapOf(olds.generated);
  const formerPasswords = { ...formerGenerated, ...mapOf(olds.passwords) };
  const formerHashes = mapOf(olds.hashes);
  const generated = new Map<string, Value>(
    Object.keys(mapOf(inputs.generate)).map((address) => [address, formerGenerated[address] ?? unknown]),
  );
  const passwords: [string, Value][] = [...Object.entries(mapOf(inputs.passwords)), ...generated];
  const hashes = new Map<string, Value>(
    passwords.map(([address, password]) => [
      address,
      same(password, formerPasswords[address]) ? (formerHashes[address] ?? unknown) : unknown,
    ]),
  );
  return { hashes, generated };
}

function seal({ hashes, generated }: Outputs): WireValues {
  return {
    hashes: secret(Object.fromEntries(sortedByKey(hashes))),
    generated: secret(Object.fromEntries(sortedByKey(generated))),
  };
}

function mapOf(value: Value | undefined): Values {
  return isMap(value) ? value : {};
}

function sortedByKey<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
