import { requireDomain } from "../mail-server/address.ts";
import { type ConfigurationFile, compareText, type SealedFile } from "./configuration-file.ts";
import { CERTIFICATES, PAIRS, TLS_PAIR, TLS_PAIR_PATH } from "./container-paths.ts";
import { type TlsPair, tlsPairFile } from "./tls-pair.ts";

/** A key with its certificate, and the names whose clients are shown it (SNI, RFC 6066 section 3). */
export interface NamedPair {
  /** Letters, digits, single dots, hyphens and underscores; unique in its server. @example "example.org" */
  readonly name: string;
  /** A-labels, lower case; no name belongs to two pairs. At least one, unless it is the default pair. */
  readonly hostNames: readonly string[];
}

/** What a server shows to whom, where that is more than one pair that only a new generation changes. */
export interface TlsPairs {
  /** For the server's own name, for every other name and for clients that send none. Undefined: each name has another. */
  readonly byDefault?: NamedPair | undefined;
  /** The others. */
  readonly named: readonly NamedPair[];
  /** Whether chains of the pairs arrive in the volume {@link CERTIFICATES}. */
  readonly areRenewed: boolean;
}

/** Where the daemons find each pair. */
export interface PairPaths {
  /** In the generation itself while there is one pair alone, so that its text stays what it was. */
  readonly byDefault: string;
  readonly named: readonly { readonly path: string; readonly hostNames: readonly string[] }[];
}

/** @param pairs - undefined: one pair for everybody. */
export function pairPaths(pairs: TlsPairs | undefined): PairPaths {
  if (pairs === undefined) return { byDefault: TLS_PAIR, named: [] };
  const { byDefault, named } = checked(pairs);
  return {
    byDefault: byDefault === undefined ? TLS_PAIR : pathOf(byDefault),
    named: named.map((pair) => ({ path: pathOf(pair), hostNames: pair.hostNames.toSorted(compareText) })),
  };
}

function pathOf({ name }: NamedPair): string {
  return `${PAIRS}/${name}.pem`;
}

/**
 * The list by which a server's image makes the pairs: `<name> <file of the generation> <file of its chain, or -> <names>`
 * per line, the default pair first. Nothing while there is one pair alone.
 */
export function renderPairs(pairs: TlsPairs | undefined): ConfigurationFile[] {
  if (pairs === undefined) return [];
  const { byDefault, named, areRenewed } = checked(pairs);
  const line = ({ name, hostNames }: NamedPair, path: string) => {
    const chain = areRenewed ? `${CERTIFICATES}/${name}/chain.pem` : "-";
    return `${[name, path, chain, ...hostNames.toSorted(compareText)].join(" ")}\n`;
  };
  const lines = [
    ...(byDefault === undefined ? [] : [line(byDefault, TLS_PAIR_PATH)]),
    ...named.map((pair) => line(pair, pairFilePath(pair.name))),
  ];
  return [{ path: "tls/pairs", content: lines.join("") }];
}

/** One of the named pairs; the default pair is a {@link tlsPairFile} of its own. */
export function namedPairFile(name: string, owner: string): SealedFile<TlsPair> {
  return { ...tlsPairFile(owner), path: pairFilePath(name) };
}

function pairFilePath(name: string): string {
  const path = `tls/${requirePairName(name)}.pem`;
  if (path === TLS_PAIR_PATH)
    throw new RangeError(`"${name}" is the default TLS pair's file: use another name`);
  return path;
}

/** @throws RangeError if a pair's name cannot be a file's, two have the same one, or a host name is not one or is in two. */
function checked(pairs: TlsPairs): TlsPairs {
  const { byDefault, named } = pairs;
  const all = [...(byDefault === undefined ? [] : [byDefault]), ...named];
  if (all.length === 0) throw new RangeError("a server needs at least one TLS pair");
  const owners = new Map<string, string>();
  const names = new Set<string>();
  for (const { name, hostNames } of all) {
    if (names.has(requirePairName(name))) throw new RangeError(`the TLS pair "${name}" is declared twice`);
    names.add(name);
    for (const host of hostNames) {
      const owner = owners.get(requireDomain(host));
      if (owner !== undefined) {
        throw new RangeError(`${host} is in the TLS pairs "${owner}" and "${name}": leave it in one`);
      }
      owners.set(host, name);
    }
  }
  for (const { name, hostNames } of named) {
    if (hostNames.length === 0) throw new RangeError(`the TLS pair "${name}" has no host name`);
  }
  return { ...pairs, named: named.toSorted((a, b) => compareText(a.name, b.name)) };
}

/** @throws RangeError if the name could not be that of a file, or of a folder in the certificates' volume. */
function requirePairName(name: string): string {
  if (name.length > 200 || name.includes("..") || !/^\w+(?:[.-]+\w+)*$/.test(name)) {
    throw new RangeError(
      `"${name}" cannot be the name of a TLS pair: use letters, digits, single dots, hyphens and underscores`,
    );
  }
  return name;
}
