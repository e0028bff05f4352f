import { randomUUID } from "node:crypto";
import { passwordHashProblem } from "../keys/password-scheme.ts";
import { entryText, mostEntries, textOfEntries } from "../naming/large-map.ts";
import { addressProblem, shortNameForm } from "../records/index.ts";
import { generatePassword } from "./generated-password.ts";
import { InputReader, type Maybe, timestamp } from "./inputs.ts";
import { packedText, unpackedText } from "./packed-text.ts";
import { hashPasswords } from "./password-hash.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import {
  encode,
  isMap,
  same,
  secret,
  unknown,
  type Value,
  type Values,
  type Wire,
  type WireValues,
} from "./wire.ts";

const inputNames = ["passwords", "hashed", "generate", "changedAt"];

/** Hashes the passwords of all mailboxes, takes declared hashes, and makes up the passwords that nobody declares. */
export const credentials: ResourceImplementation = {
  // Of ten thousand mailboxes up to two megabytes, which nobody reads among the outputs.
  inputsAlone: inputNames,
  check,
  diff,
  create,
  update,
  preview,
  importing: "declare each mailbox with its `password`, or with `passwordHash` as another server has it",
};

const MAX_PASSWORD_BYTES = 256;

interface Inputs {
  readonly passwords: Maybe<ReadonlyMap<string, Maybe<string>>>;
  readonly hashed: Maybe<ReadonlyMap<string, Maybe<string>>>;
  readonly generate: Maybe<readonly string[]>;
}

function check(olds: Values, news: Values, now: Date): Checked {
  const reader = new InputReader(news);
  const inputs = readInputs(reader);
  reader.refuseOthers();
  refuseTwice(reader, inputs);
  if (reader.failures.length > 0) return { filled: {}, failures: reader.failures };
  const { passwords, hashed, generate } = inputs;
  return {
    filled: {
      ...(passwords instanceof Map && hashed instanceof Map
        ? fillDeclared(olds, passwords, hashed, timestamp(now))
        : {}),
      ...(Array.isArray(generate) ? { generate: fillGenerate(olds, generate, timestamp(now)) } : {}),
    },
    failures: [],
  };
}

function readInputs(reader: InputReader): Inputs {
  return {
    passwords: reader.textMap("passwords", checkAddress, checkPassword),
    hashed: reader.textMap("hashed", checkAddress, passwordHashProblem),
    generate: reader.texts("generate", checkAddress),
  };
}

function checkAddress(address: string): string | undefined {
  // Of a mailbox, or with a slash and the name of an app password after it.
  const [, mailbox = "", app] = /^(.*@[^/]*)(?:\/(.*))?$/s.exec(address) ?? [];
  const isValid = addressProblem(mailbox, "existing") === undefined && shortNameForm.test(app ?? "app");
  if (!isValid) return `"${address}" is not a valid address: use local-part@domain`;
  if (address !== address.toLowerCase()) return `"${address}" must be lower case: ${address.toLowerCase()}`;
  return undefined;
}

function checkPassword(password: string): string | undefined {
  if (password === "") return "is empty; leave the address out and put it into generate instead";
  if (/\p{Cc}/u.test(password)) return "has a control character, which mail clients cannot send (RFC 4616)";
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return `is longer than ${MAX_PASSWORD_BYTES} bytes`;
  return undefined;
}

/** An address is in one of the three inputs, once. */
function refuseTwice(reader: InputReader, { passwords, hashed, generate }: Inputs): void {
  const places = new Map<string, string>();
  const take = (address: string, path: string, input: string) => {
    const earlier = places.get(address);
    if (earlier === undefined) places.set(address, input);
    else if (earlier === input) reader.fail(path, `"${address}" is there twice`);
    else reader.fail(path, `"${address}" is in ${earlier} already; remove one of the two`);
  };
  for (const [input, map] of Object.entries({ passwords, hashed })) {
    if (!(map instanceof Map)) continue;
    for (const address of map.keys()) take(address, `${input}[${JSON.stringify(address)}]`, input);
  }
  if (generate === undefined || generate === unknown) return;
  for (const [index, address] of generate.entries()) take(address, `generate[${index}]`, "generate");
}

type Texts = ReadonlyMap<string, string | typeof unknown>;

/**
 * Adds when each password and hash got its present value: they are one secret as a whole, between two of which a
 * preview shows no difference, and so would not say whose password is changed, added or removed.
 */
function fillDeclared(olds: Values, passwords: Texts, hashed: Texts, now: string): WireValues {
  const formerPasswords = mapOf(olds.passwords);
  const formerHashes = mapOf(olds.hashed);
  const formerTimes = mapOf(olds.changedAt);
  const date = (address: string, declared: string | typeof unknown): Value => {
    if (declared === unknown) return unknown;
    const former = formerHashes[address] ?? formerPasswords[address];
    return (declared === former ? formerTimes[address] : undefined) ?? now;
  };
  const declared = sortedByKey([...passwords, ...hashed]);
  return {
    passwords: seal(passwords),
    hashed: seal(hashed),
    changedAt: written(declared.map(([address, value]) => [address, date(address, value)])),
  };
}

/** Also a text, where there are many: what a preview shows of it is the same. */
function written(times: readonly (readonly [string, Value])[]): Wire {
  const isText = times.length > mostEntries && times.every(([, time]) => time !== unknown);
  return isText ? textOfEntries(times) : encode(Object.fromEntries(times));
}

/**
 * Makes the list a map from address to the time since when its password is a generated one. In a list, an
 * address removed from the top would move all others, and a preview would show each as a difference.
 */
function fillGenerate(olds: Values, generate: readonly string[], now: string): Wire {
  const former = mapOf(olds.generate);
  return written(generate.toSorted().map((address) => [address, former[address] ?? now]));
}

function diff(olds: Values, news: Values): Difference {
  // Compares their contents: how an older state holds a map, or that it has none yet, makes no difference.
  const held = (value: Value | undefined) => (value === unknown ? unknown : mapOf(value));
  const differs = (old: Value | undefined, now: Value | undefined) =>
    // Two texts that are the same need not be read.
    !(typeof old === "string" && old === now) && !same(held(old), held(now));
  return { changes: inputNames.some((name) => differs(olds[name], news[name])), replaces: [] };
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
  const declared = mapOf(inputs.passwords);
  const toHash = new Map<string, string>();
  for (const [address, hash] of hashes) {
    if (hash === unknown) toHash.set(address, String(generated.get(address) ?? declared[address]));
  }
  for (const [address, hash] of await hashPasswords(toHash)) hashes.set(address, hash);
  return sealAll({ hashes, generated });
}

function preview(olds: Values, inputs: Values): WireValues {
  return [inputs.passwords, inputs.generate].includes(unknown)
    ? { hashes: secret(unknown), generated: secret(unknown) }
    : sealAll(keep(olds, inputs));
}

interface Outputs {
  /** Of passwords. Declared ones are inputs, which would be there and on every way a second time. */
  readonly hashes: Map<string, Value>;
  readonly generated: Map<string, Value>;
}

/** The outputs, with all that has to be made still unknown. */
function keep(olds: Values, inputs: Values): Outputs {
  const formerGenerated = mapOf(olds.generated);
  const formerPasswords = mapOf(olds.passwords);
  const formerHashes = mapOf(olds.hashes);
  const generated = new Map<string, Value>(
    Object.keys(mapOf(inputs.generate)).map((address) => [address, formerGenerated[address] ?? unknown]),
  );
  const hashes = new Map<string, Value>();
  const keepHash = (address: string, password: Value) => {
    const former = formerPasswords[address] ?? formerGenerated[address];
    hashes.set(address, same(password, former) ? (formerHashes[address] ?? unknown) : unknown);
  };
  for (const [address, password] of Object.entries(mapOf(inputs.passwords))) keepHash(address, password);
  for (const [address, password] of generated) keepHash(address, password);
  return { hashes, generated };
}

function sealAll({ hashes, generated }: Outputs): WireValues {
  return { hashes: seal(hashes, packedText), generated: seal(generated) };
}

/**
 * A map as one secret text, JSON: the engine writes a line into its log for each entry of a map whenever it hands the
 * map on, and with ten thousand mailboxes a third of its work went there. A map with unknown values stays a map, or is
 * unknown as a whole where it is large: who uses it needs all of it.
 */
function seal(texts: ReadonlyMap<string, Value>, write = (text: string) => text): Wire {
  const sorted = sortedByKey(texts);
  if (sorted.every(([, text]) => text !== unknown)) return secret(write(jsonOf(sorted)));
  return secret(texts.size > mostEntries ? unknown : Object.fromEntries(sorted));
}

/** What JSON.stringify() writes of a map of these, which takes twice as long for ten thousand. */
function jsonOf(entries: readonly (readonly [string, Value])[]): string {
  return `{${entries.map(entryText).join(",")}}`;
}

/** The map that {@link seal} turned into a text, or that an older state holds as a map. */
function mapOf(value: Value | undefined): Values {
  if (typeof value === "string") return JSON.parse(unpackedText(value)) as Values;
  return isMap(value) ? value : {};
}

function sortedByKey<T>(entries: Iterable<[string, T]>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
