import { FormError } from "./form-error.ts";
import { cut, formatAddress } from "./mail-address.ts";
import { nameProblem, normalizeName } from "./name.ts";

/**
 * An address as a `mailto:` URI (RFC 6068) inside a record: a comma there ends the URI, an exclamation mark begins
 * a size, a semicolon ends the tag (RFC 9989 section 4.8, RFC 8460 section 3), so all three are percent-encoded.
 *
 * @example ana@example.org → `mailto:ana@example.org`
 */
export function formatMailto(address: string): string {
  const { local = "", domain = "" } = cut(address) ?? {};
  if (local === "" || /[\s\p{Cc}]/u.test(local)) {
    throw new Error(`"${address}" is not a valid address for reports: use one such as dmarc@example.org`);
  }
  return `mailto:${encodeLocalPart(local)}@${normalizeName(domain)}`;
}

/**
 * An entry of a list of receivers of reports.
 *
 * @param tag - of the list.
 * @throws FormError when it is not a `mailto:` URI of one address
 */
export function parseMailto(uri: string, tag = "rua"): string {
  if (uri.trim() === "")
    throw new FormError(
      `${tag} has an entry without an address`,
      "leave out the comma, or write the address after it",
    );
  // DMARC once allowed a size after it (RFC 7489 section 6.2), which receivers ignore now.
  const [, local, domain] =
    /^mailto:(?!\/\/)([^@,\s?]+)@([^@,\s?!]+)(?:![0-9]+[kmgt]?)?$/i.exec(uri.trim()) ?? [];
  if (local === undefined || domain === undefined) throw notMailto(uri);
  const problem = nameProblem(domain);
  if (problem !== undefined) throw notMailto(uri, `the domain ${problem}`);
  return formatAddress({ local: decoded(local, uri), domain: normalizeName(domain) });
}

function notMailto(
  uri: string,
  advice = "write one address with mailto: before it, such as mailto:dmarc@example.org",
) {
  return new FormError(`"${uri.trim()}" is not a valid mailto: address`, advice);
}

function decoded(local: string, uri: string): string {
  try {
    return decodeURIComponent(local);
  } catch {
    throw notMailto(uri, "after % use two hexadecimal digits");
  }
}

function encodeLocalPart(local: string): string {
  return local.replaceAll(/[^A-Za-z0-9.+_~-]/gu, (character) =>
    [...Buffer.from(character, "utf8")]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}
