import type { KeyObject } from "node:crypto";
import { formatTlsa, ownKey } from "../records/tlsa.ts";
import { rotate, type StagedKeys, serverKeyUse } from "../stages/key-rotation.ts";
import { makeKey } from "./certificate.ts";
import { InputReader, type Maybe } from "./inputs.ts";
import { keyPair, ownKeyOf } from "./own-keys.ts";
import type { Confirmation } from "./resource-implementation.ts";
import { confirmation, readStages, stagedKeysOf, stagesOf } from "./staged-keys.ts";
import { encode, isMap, secret, unknown, type Value, type Values, type WireValues } from "./wire.ts";

/** The key pairs of a server, each in its stage: one of them serves, and the certificate is for it. */
export type ServerKeyPairs = ReadonlyMap<string, { readonly privateKey: Value; readonly spkiSha256: Value }>;

/** What a server's key is called where nothing is declared. */
export const firstKey = "key1";

/** Reads and judges the declared keys. @returns them with their times; `undefined` where something is wrong. */
export function rotateServerKeys(
  reader: InputReader,
  olds: Values,
  news: Values,
  now: Date,
): StagedKeys<"serving"> | undefined {
  const declared = readStages(reader, "keys", serverKeyUse);
  const tlsa = readTlsa(reader);
  if (declared === undefined || tlsa === undefined) return undefined;
  const stages = declared.size === 0 ? { [firstKey]: "serving" as const } : stagesOf(declared);
  const serving = Object.values(stages).filter((stage) => stage === serverKeyUse.inUse);
  if (serving.length !== 1) {
    return reader.fail(
      tlsa.settings,
      `${serving.length} keys are serving: write stage: serving for one of them`,
    );
  }
  const old = readTlsa(new InputReader(olds));
  // Where there is no TLSA record nobody knows the key, and nobody need be waited for.
  const ttlSeconds = tlsa.host === "" ? 0 : Math.max(old?.ttl ?? 0, tlsa.ttl);
  const { keys, refusals } = rotate(
    serverKeyUse,
    stagedKeysOf(olds.keys),
    stages,
    { now, ttlSeconds, asked: tlsa.asked },
    { list: tlsa.settings, stage: (name) => declared.get(name)?.path ?? tlsa.settings },
  );
  // Nobody has to be waited for where nobody knows a key; one that is made here is still not dropped by mistake.
  const isKnown = tlsa.host !== "" || (old !== undefined && old.host !== "");
  if (isKnown || !(hasOwnKeys(news) || hasOwnKeys(olds))) {
    for (const { path, message } of refusals) reader.fail(path, message);
  }
  if (isKnown) refuseOtherKeys(reader, olds, news, (name) => declared.get(name)?.path ?? tlsa.settings);
  return keys;
}

/** A TLSA record names a key, and a server must not show another one (RFC 7671 section 8.1). */
function refuseOtherKeys(
  reader: InputReader,
  olds: Values,
  news: Values,
  pathOf: (name: string) => string,
): void {
  for (const [name, { spkiSha256: former }] of formerKeys(olds, servingKey(olds))) {
    const own = ownKeyOf(news, name);
    if (own === undefined || typeof own.spkiSha256 !== "string" || own.spkiSha256 === former) continue;
    reader.fail(
      pathOf(name),
      `${name} is a different key now, and its TLSA record names the former one: keep that entry, and add the new ` +
        "certificate and key under another name with stage: published; it serves in a later change",
    );
  }
}

function hasOwnKeys({ ownKeys }: Values): boolean {
  return ownKeys === unknown || (isMap(ownKeys) && Object.keys(ownKeys).length > 0);
}

interface TlsaPlace {
  /** The name of the server whose TLSA records publish the keys; empty where there are none. */
  readonly host: string;
  readonly ttl: number;
  readonly zone: string;
  readonly nameServers: readonly string[];
  readonly asked: boolean;
  /** Where the keys are declared. */
  readonly settings: string;
}

type MaybePlace = { readonly [Key in keyof TlsaPlace]: Maybe<TlsaPlace[Key]> };

function readTlsa(outer: InputReader): TlsaPlace | undefined {
  const section = outer.section("tlsa");
  if (section === undefined) return undefined;
  const reader = new InputReader(section === unknown ? {} : section);
  const anyText = () => undefined;
  const place: MaybePlace = {
    host: reader.text("host", anyText, ""),
    ttl: reader.integer("ttl", { min: 0, max: 2_147_483_647, fallback: 0 }),
    zone: reader.text("zone", anyText, ""),
    nameServers: reader.texts("nameServers", anyText),
    asked: reader.flag("askNameServers", true),
    settings: reader.text("settings", anyText, "keys"),
  };
  reader.refuseOthers();
  for (const { property, reason } of reader.failures) outer.fail(`tlsa.${property}`, reason);
  if (isPlain(place)) return place;
  return outer.fail("tlsa", "must be known before anything is made");
}

function isPlain(place: MaybePlace): place is TlsaPlace {
  return Object.values(place).every((value) => value !== undefined && value !== unknown);
}

/** The name of the key that the certificate is for. */
export function servingKey({ keys }: Values): string {
  const staged = stagedKeysOf<"serving">(keys) ?? {};
  return Object.keys(staged).find((name) => staged[name]?.stage === serverKeyUse.inUse) ?? firstKey;
}

/** Whether the certificate is for another key than before; a state from before there were stages has only one. */
export function servesAnotherKey(olds: Values, news: Values): boolean {
  return olds.keys !== undefined && servingKey(olds) !== servingKey(news);
}

/** What name servers have to answer before a key serves. */
export function keyConfirmations(olds: Values, news: Values): Confirmation[] {
  const tlsa = readTlsa(new InputReader(news));
  const former = stagedKeysOf<"serving">(olds.keys);
  const name = servingKey(news);
  if (tlsa === undefined || tlsa.host === "" || !tlsa.asked || former?.[name]?.stage !== "published")
    return [];
  const { host, zone, nameServers, settings } = tlsa;
  const digest = String(formerKeys(olds, name).get(name)?.spkiSha256);
  return [
    confirmation(name, formatTlsa(ownKey(digest)), {
      path: settings,
      zone,
      nameServers,
      name: `_25._tcp.${host}`,
      type: "TLSA",
    }),
  ];
}

/** The keys that are declared: those that are there already, and new ones. */
export function keepKeys(olds: Values, inputs: Values): ServerKeyPairs {
  return selectKeys(olds, inputs, () => keyPair(makeKey()));
}

/** One that was made elsewhere, under the name that a server's only key has. */
export function importedKey(key: KeyObject): ServerKeyPairs {
  return new Map([[firstKey, keyPair(key)]]);
}

/** The same in a preview, in which nothing is made. */
export function previewKeys(olds: Values, inputs: Values): ServerKeyPairs {
  return selectKeys(olds, inputs, () => ({ privateKey: unknown, spkiSha256: unknown }));
}

function selectKeys(
  olds: Values,
  inputs: Values,
  make: () => { privateKey: Value; spkiSha256: Value },
): ServerKeyPairs {
  const former = formerKeys(olds, servingKey(inputs));
  const names = Object.keys(stagedKeysOf(inputs.keys) ?? { [firstKey]: undefined });
  return new Map(names.map((name) => [name, ownKeyOf(inputs, name) ?? former.get(name) ?? make()]));
}

/** @param first - the name of the only key of a state from before there were stages. */
function formerKeys(olds: Values, first: string): ServerKeyPairs {
  const { privateKeys, keyDigests, privateKey, spkiSha256: digest } = olds;
  if (isMap(privateKeys) && isMap(keyDigests)) {
    const entries = Object.entries(privateKeys).map(
      ([name, key]) => [name, { privateKey: key, spkiSha256: keyDigests[name] ?? unknown }] as const,
    );
    return new Map(entries);
  }
  return typeof privateKey === "string"
    ? new Map([[first, { privateKey, spkiSha256: digest ?? unknown }]])
    : new Map();
}

/** What the state has of the keys. */
export function keyOutputs(inputs: Values, keys: ServerKeyPairs): WireValues {
  const map = (part: "privateKey" | "spkiSha256"): Values =>
    Object.fromEntries([...keys].map(([name, key]) => [name, key[part]]));
  return {
    privateKey: secret(keys.get(servingKey(inputs))?.privateKey ?? unknown),
    spkiSha256: encode(servingDigest(inputs, keys)),
    privateKeys: secret(map("privateKey")),
    keyDigests: encode(map("spkiSha256")),
  };
}

export function servingDigest(inputs: Values, keys: ServerKeyPairs): Value {
  return keys.get(servingKey(inputs))?.spkiSha256 ?? unknown;
}
