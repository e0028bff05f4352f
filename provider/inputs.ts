import { listIn, mapIn } from "../naming/large-map.ts";
import { isMap, same, unknown, type Value, type Values } from "./wire.ts";

/** One thing that is wrong with an input. */
export interface Failure {
  /** The path of the property, `hostNames[2]` or `passwords["ana@vaamonde.pti"]`. */
  readonly property: string;
  /** What is wrong, and what to write instead. */
  readonly reason: string;
}

/** A value that may be unknown in a preview, or missing because it failed its check. */
export type Maybe<T> = T | typeof unknown | undefined;

/** Says what is wrong with a text, or nothing when it is right. */
export type TextRule = (text: string) => string | undefined;

/** Reads inputs by name and type, and collects everything that is wrong with them. */
export class InputReader {
  readonly failures: Failure[] = [];
  readonly #inputs: Values;
  readonly #read = new Set<string>();

  constructor(inputs: Values) {
    this.#inputs = inputs;
  }

  /** @param fallback - what stands for one that is missing, which otherwise fails. */
  text(name: string, rule: TextRule, fallback?: string): Maybe<string> {
    return this.#text(name, this.#take(name) ?? fallback, rule);
  }

  /** A text that may be left out. */
  optionalText(name: string, rule: TextRule): Maybe<string> {
    const value = this.#take(name);
    return value === undefined ? undefined : this.#text(name, value, rule);
  }

  integer(name: string, range: { min: number; max: number; fallback: number }): Maybe<number> {
    const value = this.#take(name) ?? range.fallback;
    if (value === unknown) return unknown;
    if (typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max) {
      return value;
    }
    return this.fail(name, `must be a whole number from ${range.min} to ${range.max}, not ${show(value)}`);
  }

  /** A list, or all of it as one text. It is unknown as soon as one of its items is; the known items are checked all the same. */
  texts(name: string, rule: TextRule): Maybe<readonly string[]> {
    const given = this.#take(name) ?? [];
    if (given === unknown) return unknown;
    const value = listIn(given);
    if (!Array.isArray(value)) return this.fail(name, `must be a list, not ${show(given)}`);
    const items = value.map((item, index) => this.#text(`${name}[${index}]`, item, rule));
    if (items.includes(unknown)) return unknown;
    return items.every((item) => typeof item === "string") ? items : undefined;
  }

  /** A truth value. */
  flag(name: string, fallback: boolean): Maybe<boolean> {
    const value = this.#take(name) ?? fallback;
    if (value === unknown || typeof value === "boolean") return value;
    return this.fail(name, `must be true or false, not ${show(value)}`);
  }

  /** Inputs below one; an empty section where there is none. */
  section(name: string): Maybe<Values> {
    const value = this.#take(name) ?? {};
    return value === unknown || isMap(value) ? value : this.fail(name, `must be a map, not ${show(value)}`);
  }

  /** A map of sections, which may have unknown parts; an empty one where there is none. */
  sections(name: string): Maybe<Readonly<Record<string, Values>>> {
    const value = this.#take(name) ?? {};
    if (value === unknown) return unknown;
    if (!isMap(value)) return this.fail(name, `must be a map, not ${show(value)}`);
    const wrong = Object.keys(value).filter((key) => !isMap(value[key]));
    for (const key of wrong) this.fail(`${name}[${JSON.stringify(key)}]`, "must be a map");
    return wrong.length > 0 ? undefined : (value as Readonly<Record<string, Values>>);
  }

  /** A map from texts to texts, each of which may be unknown by itself; or all of it as one text. */
  textMap(name: string, keyRule: TextRule, rule: TextRule): Maybe<ReadonlyMap<string, Maybe<string>>> {
    const given = this.#take(name) ?? {};
    const value = typeof given === "string" ? (mapIn(given) as Values) : given;
    if (value === unknown) return unknown;
    if (!isMap(value)) return this.fail(name, `must be a map, not ${show(value)}`);
    return new Map(
      Object.entries(value).map(([key, item]) => {
        const path = `${name}[${JSON.stringify(key)}]`;
        const wrongKey = keyRule(key);
        return [key, wrongKey === undefined ? this.#text(path, item, rule) : this.fail(path, wrongKey)];
      }),
    );
  }

  fail(property: string, reason: string): undefined {
    this.failures.push({ property, reason });
  }

  /** Fails every input that nothing has read: a misspelt one would otherwise be ignored in silence. */
  refuseOthers(): void {
    for (const name of Object.keys(this.#inputs)) {
      if (this.#read.has(name)) continue;
      this.fail(name, `is not an input of this resource: use ${[...this.#read].sort().join(", ")}`);
    }
  }

  #take(name: string): Value | undefined {
    this.#read.add(name);
    return this.#inputs[name] ?? undefined;
  }

  #text(path: string, value: Value | undefined, rule: TextRule): Maybe<string> {
    if (value === unknown) return unknown;
    if (value === undefined || value === null) return this.fail(path, "is missing");
    // The value itself is not shown: it may be a secret.
    if (typeof value !== "string") return this.fail(path, `must be a text, not a ${kind(value)}`);
    const wrong = rule(value);
    return wrong === undefined ? value : this.fail(path, wrong);
  }
}

/**
 * Whether these are what an import has found: the engine asks about it as though a program had declared it. Nobody else
 * has an `issuedAt`, and an import of a key alone has nothing more.
 */
export function areFoundByImport(olds: Values, news: Values): boolean {
  return typeof news.issuedAt === "string" && same(olds, news);
}

/** Inputs without the possibility to be unknown. */
export type Known<T> = { readonly [K in keyof T]: Exclude<T[K], typeof unknown | undefined> };

/**
 * The inputs of an actual operation, after `check` has passed them.
 *
 * @throws when one is unknown or missing all the same, which only a fault in the provider can bring about
 */
export function known<T extends object>(inputs: T): Known<T> {
  for (const [name, value] of Object.entries(inputs)) {
    if (value === unknown || value === undefined) throw new Error(`input ${name} has no value`);
  }
  return inputs as Known<T>;
}

/** A moment as the state holds it: ISO 8601 in UTC, whole seconds like those of certificates. */
export function timestamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}

function show(value: Value): string {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${kind(value)}`;
}

function kind(value: Value): string {
  if (Array.isArray(value)) return "list";
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  return typeof value === "object" ? "map" : typeof value;
}
