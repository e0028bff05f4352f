import type { Settings } from "../../kit/lab.ts";

/**
 * What a person changes in the stack file: a value for each path, and `undefined` for what goes. An entry of a list is
 * named by what identifies it, so that an edit means the same whatever else has changed before. One that is not there yet
 * is added at the end; with `<` before its name, at the beginning.
 *
 * @example { "domains[one.test].mailboxes[bia].quota": "2 GiB" }
 */
export type Edit = Readonly<Record<string, unknown>>;

type Values = Record<string, unknown>;

/** The keys by which an entry of a list is known, and the one that a new entry gets. */
const identities = ["name", "selector", "hostName"];

/** The settings after an edit; those given are unchanged. */
export function applyEdit(settings: Settings, edit: Edit): Settings {
  const result: Values = structuredClone(settings);
  for (const [path, value] of Object.entries(edit)) set(result, partsOf(path), value);
  return result;
}

/** @throws Error where the path leads through something that is not there */
function set(container: Values, [part, ...rest]: readonly Part[], value: unknown): void {
  if (part === undefined) throw new Error("A path has at least one part.");
  const { key, isEntry } = part;
  if (!isEntry) {
    if (rest.length > 0) {
      container[key] ??= rest[0]?.isEntry ? [] : {};
      set(container[key] as Values, rest, value);
    } else if (value === undefined) delete container[key];
    else container[key] = value;
    return;
  }
  setEntry(container as unknown as Values[], part, rest, value);
}

function setEntry(list: Values[], { key, isFirst }: Part, rest: readonly Part[], value: unknown): void {
  const index = list.findIndex((entry) => identities.some((identity) => entry[identity] === key));
  const entry = list[index];
  if (rest.length > 0) {
    if (entry === undefined) throw new Error(`There is no entry ${key}.`);
    set(entry, rest, value);
  } else if (value === undefined) {
    if (entry === undefined) throw new Error(`There is no entry ${key}.`);
    list.splice(index, 1);
  } else if (entry !== undefined) {
    list[index] = value as Values;
  } else if (isFirst) {
    list.unshift(value as Values);
  } else {
    list.push(value as Values);
  }
}

interface Part {
  readonly key: string;
  /** Whether it is an entry of a list, and not a key of a section. */
  readonly isEntry: boolean;
  readonly isFirst: boolean;
}

function partsOf(path: string): Part[] {
  return [...path.matchAll(/\[(<?)([^\]]+)\]|([^.[\]]+)/g)].map(([, first, entry, key = ""]) => ({
    key: entry ?? key,
    isEntry: entry !== undefined,
    isFirst: first === "<",
  }));
}

/** As a person reads it in a list of changes. @example "`domains[one.test].ttl: 600`" */
export function formatEdit(edit: Edit): string {
  return Object.entries(edit)
    .map(([path, value]) => {
      const plain = path.replaceAll("[<", "[");
      return value === undefined ? `remove \`${plain}\`` : `\`${plain}: ${formatValue(value)}\``;
    })
    .join(", ");
}

/** Of an entry its name is in the path. */
function formatValue(value: unknown): string {
  if (typeof value !== "object") return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? "…" : text;
}
