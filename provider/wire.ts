/**
 * Values as they travel between the engine and a provider. The SDK's provider server hands them over
 * undecoded, so secrets and unknowns are still the marked objects and strings of Pulumi's wire protocol.
 */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Stands for a value that is not known yet: a preview, in which another resource still has to be made. */
export const unknown: unique symbol = Symbol("unknown");

/** A value without its secret marks. */
export type Value =
  | null
  | boolean
  | number
  | string
  | typeof unknown
  | readonly Value[]
  | { readonly [key: string]: Value };

/** A property bag without its secret marks. */
export type Values = { readonly [key: string]: Value };

/** A value on the wire. */
export type Wire = null | boolean | number | string | readonly Wire[] | { readonly [key: string]: Wire };

/** A property bag on the wire. */
export type WireValues = { readonly [key: string]: Wire };

/** Reads a property bag, dropping secret marks at every depth. */
export function decode(bag: WireValues): Values {
  return mapValues(bag, decodeValue);
}

function decodeValue(wire: Wire): Value {
  if (wire === UNKNOWN_SENTINEL) return unknown;
  if (wire === null || typeof wire !== "object") return wire;
  if (isList(wire)) return wire.map(decodeValue);
  switch (wire[SIGNATURE]) {
    case SECRET:
      return decodeValue(wire.value ?? null);
    case OUTPUT:
      return wire.value === undefined ? unknown : decodeValue(wire.value);
    default:
      return decode(wire);
  }
}

/** Writes a value; one that is {@link unknown} becomes the engine's mark for it. */
export function encode(value: Value): Wire {
  if (value === unknown) return UNKNOWN_SENTINEL;
  if (value === null || typeof value !== "object") return value;
  return isList(value) ? value.map(encode) : mapValues(value, encode);
}

/** Writes a value so that the engine encrypts it in the state and never displays it. */
export function secret(value: Value): Wire {
  return { [SIGNATURE]: SECRET, value: encode(value) };
}

/** Whether a value is unknown, or contains something that is. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === unknown) return true;
  if (value === null || value === undefined || typeof value !== "object") return false;
  return (isList(value) ? value : Object.values(value)).some(hasUnknown);
}

/** Whether two values are the same, whatever the order of their keys. Something unknown equals nothing. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === unknown || b === unknown) return false;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

/** Whether a value is a map, as opposed to a list or a scalar. */
export function isMap(value: Value | undefined): value is Values {
  return value !== null && typeof value === "object" && !isList(value);
}

// Array.isArray does not narrow readonly arrays out of a union.
function isList<T>(value: T): value is Extract<T, readonly unknown[]> {
  return Array.isArray(value);
}

function mapValues<A, B>(bag: { readonly [key: string]: A }, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(bag).map(([key, value]) => [key, map(value)]));
}
