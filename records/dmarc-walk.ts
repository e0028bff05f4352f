import { type DmarcReading, isDmarc, readDmarc } from "./dmarc.ts";

/** A DMARC record where the tree walk found it. */
export interface FoundDmarc {
  readonly domain: string;
  readonly text: string;
  readonly reading: DmarcReading;
}

/** What the tree walk of a domain saw (RFC 9989 section 4.10). */
export interface DmarcWalk {
  readonly start: string;
  /** The start's own first. */
  readonly found: readonly FoundDmarc[];
  /** Names with several records, which count as none. */
  readonly several: readonly { readonly domain: string; readonly texts: readonly string[] }[];
  /** Why and where it ended early; what lies above is unknown then. */
  readonly failure?: { readonly domain: string; readonly error: unknown };
}

/** The texts at a name, none where there are none. */
export type TextLookup = (name: string) => Promise<readonly string[]>;

/** From eight labels on, a walk continues with the last seven (section 4.10 step 4). */
const longestWalk = 7;

/** Where a domain's policy may be: `_dmarc` of the domain itself, and of what is above it. */
export async function walkDmarc(start: string, textsAt: TextLookup): Promise<DmarcWalk> {
  const found: FoundDmarc[] = [];
  const several: { domain: string; texts: readonly string[] }[] = [];
  for (let labels = start.split("."); labels.length > 0; labels = above(labels)) {
    const domain = labels.join(".");
    let texts: readonly string[];
    try {
      texts = (await textsAt(`_dmarc.${domain}`)).filter(isDmarc);
    } catch (error) {
      return { start, found, several, failure: { domain, error } };
    }
    const [text = "", ...more] = texts;
    const reading = more.length === 0 ? readDmarc(text) : undefined;
    if (more.length > 0) several.push({ domain, texts });
    if (reading === undefined) continue;
    found.push({ domain, text, reading });
    if (reading.publicSuffix !== "u") break;
  }
  return { start, found, several };
}

function above(labels: readonly string[]): string[] {
  return labels.length > longestWalk ? labels.slice(-longestWalk) : labels.slice(1);
}

/**
 * The domain that a walk's start shares with all others of its organization (section 4.10.2).
 *
 * @throws what ended the walk before that was clear.
 */
export function organizationalDomain({ start, found, failure }: DmarcWalk): string {
  for (const { domain, reading } of found) {
    if (reading.publicSuffix === "n") return domain;
    if (reading.publicSuffix === "y" && domain !== start)
      return start
        .split(".")
        .slice(-domain.split(".").length - 1)
        .join(".");
  }
  if (failure !== undefined) throw failure.error;
  return found.at(-1)?.domain ?? start;
}

/**
 * The record that receivers apply to a walk's start: its own, that of its organizational domain, or that of the public
 * suffix (section 4.10.1).
 *
 * @throws what ended the walk before that was clear.
 */
export function appliedDmarc(walk: DmarcWalk): FoundDmarc | undefined {
  const [first] = walk.found;
  if (first?.domain === walk.start) return first;
  const organization = organizationalDomain(walk);
  const last = walk.found.at(-1);
  return (
    walk.found.find(({ domain }) => domain === organization) ??
    (last?.reading.publicSuffix === "y" ? last : undefined)
  );
}
