import { formatCaa, formatIssuer, parseCaa, parseIssuer } from "./caa.ts";
import { comparableName } from "./name.ts";

/** A CAA record of whatever tag, also of those that this stack never publishes (RFC 8659 section 4.1). */
interface CaaProperty {
  readonly isCritical: boolean;
  readonly tag: string;
  readonly value: string;
}

/** What the first bit of the flags says (section 4.1.1). */
const critical = 128;
const knownTags = new Set(["issue", "issuewild", "iodef"]);

/** @returns nothing for text that is not a CAA record. */
export function caaProperty(content: string): CaaProperty | undefined {
  const [, flags, tag, quoted, bare = ""] =
    /^(\d{1,3})\s+([a-z0-9]+)\s+(?:"(.*)"|(\S*))$/is.exec(content.trim()) ?? [];
  if (flags === undefined || tag === undefined) return undefined;
  return { isCritical: Number(flags) >= critical, tag: tag.toLowerCase(), value: quoted ?? bare };
}

/**
 * What somebody else's CAA record changes beside ours: a set allows what any of its records allows.
 *
 * @param ours - the contents of ours at the name.
 * @returns a sentence's second half; nothing where the record changes nothing that ours say.
 */
export function caaEffect(ours: readonly string[], other: string): string | undefined {
  const property = caaProperty(other);
  const own = ours.flatMap((content) => caaProperty(content) ?? []);
  if (property === undefined || own.length === 0) return undefined;
  if (own.some((each) => allowsAsMuch(each, property))) return undefined;
  const { tag, value, isCritical } = property;
  const has = (wanted: string): boolean => own.some((each) => each.tag === wanted);
  const authority = authorityOf(value);
  if (tag === "issue") {
    if (authority === "" || !has("issue")) return undefined;
    return `certificates may come from ${authority}${limits(own, property)} as well (RFC 8659 section 4.2).`;
  }
  if (tag === "issuewild") {
    if (has("issuewild")) {
      if (authority === "") return undefined;
      return `wildcard certificates may come from ${authority}${limits(own, property)} as well (RFC 8659 section 4.3).`;
    }
    if (!has("issue")) return undefined;
    return `wildcard certificates may come from ${authority || "nobody"} alone, since issuewild counts before issue (RFC 8659 section 4.3).`;
  }
  if (!isCritical || knownTags.has(tag)) return undefined;
  return `an authority that does not know the property ${tag} issues nothing (RFC 8659 section 4.1).`;
}

/** What follows the authority: another record may allow the same one more. */
function limits(own: readonly CaaProperty[], { tag, value }: CaaProperty): string {
  const authority = authorityOf(value);
  if (!own.some((each) => each.tag === tag && authorityOf(each.value) === authority)) return "";
  const parameters = parametersOf(value);
  return parameters === "" ? ", without the limits of yours," : ` within "${parameters}"`;
}

/** The domain of who may issue, in the value of `issue` or `issuewild`; empty for nobody. */
export function authorityOf(value: string): string {
  return comparableName(value.split(";")[0]?.trim() ?? "");
}

function parametersOf(value: string): string {
  const [, ...parameters] = value.split(";").map((part) => part.trim());
  return parameters.filter((part) => part !== "").join("; ");
}

/** Whether one allows at least what the other does: an authority without limits, or within the same. */
function allowsAsMuch(one: CaaProperty, other: CaaProperty): boolean {
  const limits = parametersOf(one.value);
  return (
    one.tag === other.tag &&
    authorityOf(one.value) === authorityOf(other.value) &&
    (limits === "" || limits === parametersOf(other.value))
  );
}

/**
 * The record in its one spelling, for comparing: an authority is a domain, and what is around it may be spaced.
 *
 * @throws Error when it cannot be read.
 */
export function respellCaa(content: string): string {
  const caa = parseCaa(content);
  if (caa.tag === "iodef") return formatCaa(caa);
  const isNobody = authorityOf(caa.value) === "";
  return formatCaa({ ...caa, value: isNobody ? ";" : formatIssuer(parseIssuer(caa.value)) });
}
